/** Aligns the output of the library's normaliser with its input, character by character. */
import { type Aligned, AlignedWriter, changeSegments, SEGMENT } from './aligned.ts'
import type { NormaliserStep } from './library.ts'

type Follow = (source: Aligned, step: NormaliserStep) => Aligned

/** Steps that do not work segment by segment. */
const STEPS: Readonly<Record<string, Follow>> = {
  Sequence: (source, { steps }) => steps.reduce(follow, source),
  Prepend: (source, { content }) => {
    const writer = new AlignedWriter()
    const start = source.starts[0] ?? 0
    writer.write(content, start, start)
    writer.copy(source, 0, source.text.length)
    return writer.done()
  },
  Replace: (source, { pattern, content }) => {
    if (!pattern) return source
    const writer = new AlignedWriter()
    let from = 0
    for (const match of source.text.matchAll(pattern)) {
      const end = match.index + match[0].length
      writer.copy(source, from, match.index)
      if (end > match.index) writer.write(content, source.starts[match.index]!, source.ends[end - 1]!)
      else {
        const between = source.starts[end] ?? source.ends.at(-1) ?? 0
        writer.write(content, between, between)
      }
      from = end
    }
    writer.copy(source, from, source.text.length)
    return writer.done()
  },
  Strip: (source, { apply }) => {
    const stripped = apply(source.text)
    const from = source.text.indexOf(stripped)
    const writer = new AlignedWriter()
    writer.copy(source, from, from + stripped.length)
    return writer.done()
  },
}

function follow(source: Aligned, step: NormaliserStep): Aligned {
  const known = Object.hasOwn(STEPS, step.type) ? STEPS[step.type] : undefined
  const aligned = known ? known(source, step) : changeSegments(source, SEGMENT, step.apply)
  const text = step.apply(source.text)
  return aligned.text === text ? aligned : coarse(source, text)
}

/** Fall-back: the whole output comes from the whole input. */
function coarse(source: Aligned, text: string): Aligned {
  const writer = new AlignedWriter()
  writer.write(text, source.starts[0] ?? 0, source.ends.at(-1) ?? 0)
  return writer.done()
}

/** The text is exactly the normaliser's output for `source.text`. */
export const alignNormaliser = (source: Aligned, normaliser: NormaliserStep | null): Aligned =>
  normaliser ? follow(source, normaliser) : source
