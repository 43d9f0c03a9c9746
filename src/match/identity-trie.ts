/** Finds what belongs to a list of objects, by their identity. It forgets an entry with the first of its objects that is gone. */
export interface IdentityTrie<Value> {
  /** The value of the list, made where there is none yet. */
  get(objects: readonly object[], make: () => Value): Value;
}

interface Node<Value> {
  next?: WeakMap<object, Node<Value>>;
  value?: Value;
}

/**
 * Makes an empty one.
 *
 * @param most how many values are made before everything is forgotten and remembering starts anew; no bound unless told.
 */
export function createIdentityTrie<Value>(most = Number.POSITIVE_INFINITY): IdentityTrie<Value> {
  let root: Node<Value> = {};
  let made = 0;
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
      if (node.value === undefined) {
        node.value = make();
        made += 1;
        if (made >= most) {
          root = {};
          made = 0;
        }
      }
      return node.value;
    },
  };
}
