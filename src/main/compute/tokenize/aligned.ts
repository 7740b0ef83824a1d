/**
 * Changed text in which each code unit knows its origin. The origin is a whole segment of the original (for example a character with its
 * combining marks), so no span of origins splits a segment.
 */
export interface Aligned {
  readonly text: string
  /** (code units of `text`): first code unit of the origin, and one past its last. Both never fall. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

/** Part of an unchanged text: every character is its own origin. */
export function asItStands(text: string, from = 0, to = text.length): Aligned {
  const starts: number[] = []
  const ends: number[] = []
  for (let i = from; i < to;) {
    const end = i + (text.codePointAt(i)! > 0xffff ? 2 : 1)
    for (let unit = i; unit < end; unit++) {
      starts.push(i)
      ends.push(end)
    }
    i = end
  }
  return { text: text.slice(from, to), starts, ends }
}

/** Builds a changed text. */
export class AlignedWriter {
  private text = ''
  private readonly starts: number[] = []
  private readonly ends: number[] = []

  /** All units of `text` come from [start, end) of the original. */
  write(text: string, start: number, end: number): void {
    this.text += text
    for (let i = 0; i < text.length; i++) {
      this.starts.push(start)
      this.ends.push(end)
    }
  }

  /** Copies the units [from, to) of another text. */
  copy(other: Aligned, from: number, to: number): void {
    this.text += other.text.slice(from, to)
    for (let i = from; i < to; i++) {
      this.starts.push(other.starts[i]!)
      this.ends.push(other.ends[i]!)
    }
  }

  done(): Aligned {
    return { text: this.text, starts: this.starts, ends: this.ends }
  }
}

/** A character and the combining marks after it; jamo and half-width voicing marks join the preceding character when normalised. */
export const SEGMENT = /[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+|\P{M}[\p{M}\uff9e\uff9f]*|[\p{M}\uff9e\uff9f]+/gu

/**
 * A change that works on segments: the output of a segment comes from all of it. If the change of the whole text gives another result of
 * the same length (a capital sigma is lower-cased depending on what follows), that result is used; if even the length differs, the whole
 * is the origin of every part.
 */
export function changeSegments(source: Aligned, segment: RegExp, change: (text: string) => string): Aligned {
  const whole = change(source.text)
  const writer = new AlignedWriter()
  for (const match of source.text.matchAll(segment)) {
    const last = match.index + match[0].length - 1
    writer.write(change(match[0]), source.starts[match.index]!, source.ends[last]!)
  }
  const parts = writer.done()
  if (parts.text.length === whole.length) return { ...parts, text: whole }
  const coarse = new AlignedWriter()
  coarse.write(whole, source.starts[0] ?? 0, source.ends.at(-1) ?? 0)
  return coarse.done()
}
