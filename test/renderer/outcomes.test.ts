/** The colours of the outcomes: read from app.css, and seen as people with colour vision deficiencies see them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { OUTCOME_ICONS, OUTCOMES } from '../../src/renderer/components/outcomes.ts'
import { root } from '../support/paths.ts'

type Colour = readonly [number, number, number]
const css = readFileSync(join(root, 'src/renderer/app.css'), 'utf8')
const tokensOf = (text: string) =>
  Object.fromEntries([...text.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, hex]) => [name!, hex!]))
const [light, dark] = css.split(":root[data-theme='dark']").map(tokensOf) as [Record<string, string>, Record<string, string>]

/** sRGB to linear light. */
function linear(hex: string): Colour {
  const of = (at: number) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }
  return [of(1), of(3), of(5)]
}
const luminance = ([r, g, b]: Colour): number => 0.2126 * r + 0.7152 * g + 0.0722 * b
/** WCAG 2.2, contrast ratio. */
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => x - y) as [number, number]
  return (high + 0.05) / (low + 0.05)
}
/** Machado, Oliveira and Fernandes (2009), severity 1, on linear light. */
const VISION: Readonly<Record<string, readonly [Colour, Colour, Colour]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}
const seen = (colour: Colour, vision: string): Colour =>
  VISION[vision]!.map((row) => Math.min(1, Math.max(0, row[0] * colour[0] + row[1] * colour[1] + row[2] * colour[2]))) as unknown as Colour
/** CIE 1976 L*a*b*, white D65. */
function lab([r, g, b]: Colour): Colour {
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116)
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047)
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b)
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}
const distance = (a: string, b: string, vision: string): number => {
  const [p, q] = [lab(seen(linear(a), vision)), lab(seen(linear(b), vision))]
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])
}
/** Colours further apart than this are told apart at a glance; about 2.3 is just noticeable. */
const APART = 20

test.each([
  ['light', light],
  ['dark', dark],
])('the outcomes are legible and told apart by everyone in the %s theme', (_, tokens) => {
  for (const outcome of OUTCOMES)
    for (const ground of [tokens['bg']!, tokens['panel']!, tokens['hover']!, tokens['accent-soft']!, tokens[`${outcome}-soft`]!])
      expect([outcome, ground, contrast(tokens[outcome]!, ground) >= 4.5]).toEqual([outcome, ground, true])
  for (const vision of Object.keys(VISION))
    for (const [i, a] of OUTCOMES.entries())
      for (const b of OUTCOMES.slice(i + 1))
        expect([vision, a, b, distance(tokens[a]!, tokens[b]!, vision) >= APART]).toEqual([vision, a, b, true])
})

test('no two outcomes have the same icon', () => {
  const icons = Object.values(OUTCOME_ICONS)
  expect(new Set(icons).size).toBe(icons.length)
})
