/** Finds text in the window's sources that a user could read and that is not from the catalogue of messages. */
import { parse } from 'svelte/compiler'

export interface Literal {
  readonly line: number
  readonly text: string
}
interface Node {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}
/** Attributes and properties whose value is displayed or read aloud. */
const SHOWN = new Set([
  'aria-label',
  'aria-description',
  'aria-valuetext',
  'title',
  'placeholder',
  'label',
  'alt',
  'text',
  'note',
  'hint',
  'unit',
])

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
const nodes = (value: unknown): readonly Node[] => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [])

/** The literals that an expression can evaluate to. Arguments of calls and conditions are ignored. */
function valuesOf(node: Node): readonly { readonly at: number; readonly text: string }[] {
  const of = (...keys: readonly string[]) => keys.flatMap((key) => nodes(node[key]).flatMap(valuesOf))
  switch (node.type) {
    case 'Text':
      return [{ at: node.start, text: String(node['data']) }]
    case 'Literal':
      return typeof node['value'] === 'string' ? [{ at: node.start, text: node['value'] }] : []
    case 'TemplateLiteral':
      return [...nodes(node['quasis']).map((q) => ({ at: q.start, text: (q['value'] as { cooked: string }).cooked })), ...of('expressions')]
    case 'ConditionalExpression':
      return of('consequent', 'alternate')
    case 'LogicalExpression':
      return node['operator'] === '&&' ? of('right') : of('left', 'right')
    case 'BinaryExpression':
      return node['operator'] === '+' ? of('left', 'right') : []
    case 'ExpressionTag':
      return of('expression')
    default:
      return []
  }
}

/** Text of a component's markup that a user can read and that is not a message. */
export function literalsOf(source: string): readonly Literal[] {
  const found: Literal[] = []
  const add = (node: Node): void => {
    for (const { at, text } of valuesOf(node))
      if (/\p{L}/u.test(text)) found.push({ line: source.slice(0, at).split('\n').length, text: text.trim() })
  }
  const visit = (node: Node): void => {
    // names of keys and files are the same in every language
    if (node.type === 'RegularElement' && (node['name'] === 'kbd' || node['name'] === 'code')) return
    if (node.type === 'StyleDirective') return
    if (node.type === 'Text' || node.type === 'ExpressionTag') add(node)
    else if (node.type === 'Attribute') {
      if (SHOWN.has(String(node['name']))) nodes(node['value']).forEach(add)
    } else if (node.type !== 'StyleSheet') {
      const { attributes, ...rest } = node
      nodes(attributes).forEach(visit)
      for (const value of Object.values(rest)) nodes(value).forEach(visit)
    }
  }
  const root: unknown = parse(source, { modern: true })
  nodes((root as { fragment: unknown }).fragment).forEach(visit)
  return found
}

/** Two words, the first one capitalised, as a sentence or a label begins. Names of events, classes and files do not look like this. */
const SENTENCE = /^\s*\p{Lu}\p{Ll}+[’']?\p{Ll}* \S*\p{L}{2}/u

/** Texts in code (a module, or a component's scripts) that read like a sentence. */
export function sentencesOf(source: string, component: boolean): readonly Literal[] {
  const before = component ? '' : '<script lang="ts">\n'
  const root = parse(component ? source : `${before}${source}\n</script>`, { modern: true }) as unknown as Readonly<Record<string, unknown>>
  const found: Literal[] = []
  const add = (node: Node, text: string): void => {
    if (SENTENCE.test(text)) found.push({ line: source.slice(0, node.start - before.length).split('\n').length, text })
  }
  const visit = (node: Node): void => {
    if (node.type === 'ImportDeclaration') return
    if (node.type === 'Literal' && typeof node['value'] === 'string') add(node, node['value'])
    if (node.type === 'TemplateElement') add(node, (node['value'] as { cooked: string }).cooked)
    for (const value of Object.values(node)) nodes(value).forEach(visit)
  }
  for (const script of [root['instance'], root['module']]) nodes((script as { content?: unknown } | null)?.content).forEach(visit)
  return found
}
