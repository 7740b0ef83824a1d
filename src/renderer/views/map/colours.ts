/** Colours of points as CSS, which the legend and the shader share. */
import type { MapColour } from '../../../contract/map.ts'
import { MAX_COLOURS, type Rgba } from './point-layer.ts'

/** Eight hues that can be told apart in both schemes. */
const HUES = ['#1f77b4,#6fb7ea', '#d1640a,#ffa25c', '#2a8a3e,#74d48a', '#c2302e,#ff8f8a', '#7d55b8,#c3a3f5', '#8a5a46,#d0a592', '#c2429e,#f79adb', '#10929e,#5fd6e0'] // prettier-ignore
const OUTCOMES = ['var(--good)', 'var(--bad)', 'var(--impossible)']
/** A point without a colour. */
export const NO_COLOUR = 'var(--line-strong)'

/** The colour of each entry of a legend. */
export function colourOf(by: string, legend: readonly MapColour[], code: number): string {
  if (by === 'outcome') return OUTCOMES[code] ?? NO_COLOUR
  const entry = legend[code]
  if (!entry || entry.value === '') return NO_COLOUR
  // numbers are a ramp
  if (entry.value !== null) return `light-dark(${HUES[code % HUES.length] ?? ''})`
  const bins = Math.max(2, legend.filter(({ value }) => value === null).length)
  return `color-mix(in oklab, var(--against) ${Math.round((100 * code) / (bins - 1))}%, light-dark(#9db0e8, #4b5793))`
}

/** CSS colours as the shader takes them. @param probe an element of the page, whose colour is set */
export function rgbaOf(colours: readonly string[], probe: HTMLElement, hidden: readonly number[]): Rgba[] {
  const c = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  const read = (css: string): Rgba => {
    probe.style.color = css
    if (c) {
      c.fillStyle = getComputedStyle(probe).color
      c.fillRect(0, 0, 1, 1)
    }
    const [r = 0, g = 0, b = 0] = c?.getImageData(0, 0, 1, 1).data ?? []
    return [r / 255, g / 255, b / 255, 0.85]
  }
  const none = read(NO_COLOUR)
  return Array.from({ length: MAX_COLOURS }, (_, code) => {
    const css = colours[code]
    const [r, g, b, a] = css === undefined ? none : read(css)
    return [r, g, b, hidden.includes(Math.min(code, colours.length)) ? 0 : css === undefined ? 0.4 : a]
  })
}
