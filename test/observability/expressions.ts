import { parser } from '@prometheus-io/lezer-promql';

/** A metric as an expression uses it. */
export interface UsedMetric {
  readonly name: string;
  /** Labels that it is selected by, or that an aggregation around it keeps or drops. */
  readonly labels: readonly string[];
  /** Functions around it, the innermost first. */
  readonly functions: readonly string[];
}

type Tree = ReturnType<typeof parser.parse>;
type Node = Tree['topNode'];

function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    children.push(child);
  }
  return children;
}

function isBroken(node: Node): boolean {
  return node.type.isError || childrenOf(node).some(isBroken);
}

/** All nodes of a kind within a node, itself included. */
function find(node: Node, kind: string): Node[] {
  return [...(node.name === kind ? [node] : []), ...childrenOf(node).flatMap((child) => find(child, kind))];
}

/**
 * The metrics that a PromQL expression uses.
 *
 * @throws Error where it cannot be parsed.
 */
export function metricsOf(expression: string): readonly UsedMetric[] {
  // Grafana's variables stand for an interval, which is no part of the language.
  const text = expression.replaceAll('$__rate_interval', '5m');
  const tree = parser.parse(text);
  const textOf = ({ from, to }: Node) => text.slice(from, to);
  if (isBroken(tree.topNode)) {
    throw new Error(`no PromQL: ${expression}`);
  }
  return find(tree.topNode, 'VectorSelector').map((selector) => {
    const [identifier] = find(selector, 'Identifier');
    if (identifier === undefined) {
      throw new Error(`a selector without a name: ${textOf(selector)}`);
    }
    const labels = find(selector, 'LabelName').map(textOf);
    const functions: string[] = [];
    for (let around = selector.parent; around !== null; around = around.parent) {
      if (around.name === 'AggregateExpr') {
        const grouping = childrenOf(around).find(({ name }) => name === 'AggregateModifier');
        labels.push(...(grouping === undefined ? [] : find(grouping, 'LabelName').map(textOf)));
      } else if (around.name === 'FunctionCall') {
        functions.push(...find(around, 'FunctionIdentifier').slice(0, 1).map(textOf));
      }
    }
    return { name: textOf(identifier), labels, functions };
  });
}
