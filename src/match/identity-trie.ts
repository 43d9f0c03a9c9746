/** Finds what belongs to a list of objects, by their identity. It forgets an entry with the first of its objects. */
export interface IdentityTrie<Value> {
  /** The value of the list, made where there is none yet. All lists must have the same length. */
  get(objects: readonly object[], make: () => Value): Value;
}

interface Node<Value> {
  next?: WeakMap<object, Node<Value>>;
  value?: Value;
}

/** Makes an empty one. */
export function createIdentityTrie<Value>(): IdentityTrie<Value> {
  const root: Node<Value> = {};
  return {
    get(objects, make) {
      let node = root;
      for (const object of objects) {
        node.next ??= new WeakMap();
        let next = node.next.get(object);
        if (next === undefined) {
          next = {};
          node.next.set(object, next);
        }
        node = next;
      }
      node.value ??= make();
      return node.value;
    },
  };
}
