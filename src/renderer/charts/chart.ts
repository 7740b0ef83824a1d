/** Chart.js with the parts that these charts use, in the window's colours. The only module that imports chart.js. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  Tooltip,
  type ChartConfiguration,
  type ChartType,
  type DefaultDataPoint,
  type Plugin,
} from 'chart.js'
import { onThemeChange } from '../components/theme.ts'

Chart.register(BarController, BarElement, LineController, LineElement, PointElement, ScatterController)
Chart.register(CategoryScale, LinearScale, LogarithmicScale, Legend, Tooltip)

export interface Palette {
  readonly text: string
  readonly muted: string
  readonly line: string
  readonly accent: string
  readonly faint: string
  readonly against: string
}
const palette = (element: Element): Palette => {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return {
    text: of('--text'),
    muted: of('--muted'),
    line: of('--line'),
    accent: of('--accent'),
    faint: of('--line-strong'),
    against: of('--against'),
  }
}

type Point = { readonly x: number; readonly y: number }
type Drawn = Chart<ChartType, (number | null | Point)[]>
const drawnOn = (canvas: HTMLCanvasElement): Drawn | undefined => Chart.getChart(canvas) as Drawn | undefined
const isPoint = (value: unknown): value is Point => typeof value === 'object' && value !== null
const axisTitle = (chart: Drawn, axis: string): string => {
  const { title } = (chart.options.scales?.[axis] ?? {}) as { readonly title?: { readonly text?: string } }
  return title?.text ?? axis
}

/** The figures of a chart as a table with a header: a row for each name with all series, hidden ones too, or for each point. */
export function chartRows(canvas: HTMLCanvasElement): (string | number)[][] {
  const chart = drawnOn(canvas)
  if (!chart) return []
  const { datasets } = chart.data
  const labels = (chart.data.labels ?? []) as string[]
  const points = datasets.flatMap(({ label = '', data }) => data.filter(isPoint).map((p, i) => [labels[i] ?? label, p.x, p.y]))
  if (points.length > 0) return [['', axisTitle(chart, 'x'), axisTitle(chart, 'y')], ...points]
  return [
    ['', ...datasets.map(({ label = '' }) => label)],
    ...labels.map((name, i) => [name, ...datasets.map(({ data }) => Number(data[i]))]),
  ]
}
/** A copy of the chart on the page's background. */
export function picture(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const copy = document.createElement('canvas')
  ;[copy.width, copy.height] = [canvas.width, canvas.height]
  const c = copy.getContext('2d')
  if (!c) return copy
  c.fillStyle = getComputedStyle(canvas).getPropertyValue('--bg').trim()
  c.fillRect(0, 0, copy.width, copy.height)
  c.drawImage(canvas, 0, 0)
  return copy
}
/** Moves to another mark, which shows its tooltip. Returns it in words. */
export function stepMark(canvas: HTMLCanvasElement, by: number): string {
  const chart = drawnOn(canvas)
  if (!chart) return ''
  const all = chart
    .getSortedVisibleDatasetMetas()
    .flatMap(({ index: datasetIndex, data }) => data.map((_, index) => ({ datasetIndex, index })))
  // charts of names show all series of a name at once
  const places = chart.data.datasets.some(({ data }) => data.some(isPoint))
    ? all
    : all.filter((one) => one.datasetIndex === all[0]?.datasetIndex)
  const marks = places.map((place) => (places === all ? [place] : all.filter(({ index }) => index === place.index)))
  const [active] = chart.getActiveElements()
  const before = marks.findIndex(([first]) => first?.index === active?.index && first?.datasetIndex === active?.datasetIndex)
  const mark = marks[Math.min(marks.length - 1, Math.max(0, active ? before + by : by > 0 ? 0 : marks.length - 1))]
  const element = mark?.[0] && chart.getDatasetMeta(mark[0].datasetIndex).data[mark[0].index]
  if (!mark || !element) return ''
  chart.setActiveElements(mark)
  chart.tooltip?.setActiveElements(mark, { x: element.x, y: element.y })
  chart.update()
  const { title = [], body = [] } = chart.tooltip ?? {}
  return [...title, ...body.flatMap(({ lines }) => lines)].join(', ')
}
export function leaveMarks(canvas: HTMLCanvasElement): void {
  const chart = drawnOn(canvas)
  chart?.setActiveElements([])
  chart?.tooltip?.setActiveElements([], { x: 0, y: 0 })
  chart?.update()
}
export const activeMark = (canvas: HTMLCanvasElement): number | null => drawnOn(canvas)?.getActiveElements()[0]?.index ?? null
export const markAt = (canvas: HTMLCanvasElement, e: MouseEvent): number | null => {
  const chart = drawnOn(canvas)
  return chart?.getElementsAtEventForMode(e, chart.options.interaction?.mode ?? 'nearest', { intersect: true }, true)[0]?.index ?? null
}

/** Draws the interval of each mark of the first series. */
export const intervals = (colour: string, marks: readonly { readonly low: number; readonly high: number }[]): Plugin => ({
  id: 'intervals',
  afterDatasetsDraw: (drawn) => {
    const { ctx, scales } = drawn
    ctx.save()
    ctx.strokeStyle = colour
    ctx.lineWidth = 1.5
    ctx.beginPath()
    drawn.getDatasetMeta(0).data.forEach(({ x }, i) => {
      const [low = 0, high = 0] = [marks[i]?.low, marks[i]?.high].map((value) => scales['y']?.getPixelForValue(value ?? 0))
      for (const [fromX, fromY, toX, toY] of [
        [x - 4, low, x + 4, low],
        [x - 4, high, x + 4, high],
        [x, low, x, high],
      ] as const) {
        // prettier-ignore
        ctx.moveTo(fromX, fromY)
        ctx.lineTo(toX, toY)
      }
    })
    ctx.stroke()
    ctx.restore()
  },
})

/** A name for a label: a long one loses its end. */
export const shortName = (name: string): string => (name.length > 24 ? `${name.slice(0, 23)}…` : name)

const COLOURS = ['accent', 'against', 'text', 'faint'] as const
const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [1, 4]]
/** Colour and dashes of the `i`-th line. */
export function lineStyle(colours: Palette, i: number) {
  const colour = colours[COLOURS[i % COLOURS.length] ?? 'accent']
  return { borderColor: colour, backgroundColor: colour, borderWidth: 2, borderDash: [...(DASHES[i % DASHES.length] ?? [])] }
}
export const LINE_LEGEND = { position: 'top', align: 'start', labels: { boxWidth: 24, boxHeight: 0 } } as const

/** Charts are drawn when they are less than this far from the visible part of the window: one of 200 genres takes 100 ms. */
const NEAR_PX = 400
const isNear = ({ top, bottom }: DOMRectReadOnly): boolean => bottom > -NEAR_PX && top < innerHeight + NEAR_PX

/** Returns an attachment that draws the chart once it is near the visible part, and again when the colour scheme changes. */
export function draw<T extends ChartType, D = DefaultDataPoint<T>>(make: (colours: Palette) => ChartConfiguration<T, D>) {
  return (canvas: HTMLCanvasElement): (() => void) => {
    let chart: Chart<T, D> | undefined
    const redraw = () => {
      chart?.destroy()
      const colours = palette(canvas)
      Chart.defaults.color = colours.muted
      Chart.defaults.borderColor = colours.line
      Chart.defaults.font.family = 'system-ui, sans-serif'
      Chart.defaults.animation = false
      Chart.defaults.maintainAspectRatio = false
      chart = new Chart(canvas, make(colours))
    }
    const show = () => {
      observer.disconnect()
      if (!chart) redraw()
    }
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && show(), { rootMargin: `${NEAR_PX}px` })
    // an observer calls back after a frame, which would blink when the values of a visible chart change
    if (isNear(canvas.getBoundingClientRect())) redraw()
    else observer.observe(canvas)
    // keys read the marks of a chart that has the focus
    canvas.parentElement?.addEventListener('focus', show)
    const ended = onThemeChange(() => chart && redraw())
    return () => {
      observer.disconnect()
      canvas.parentElement?.removeEventListener('focus', show)
      ended()
      chart?.destroy()
    }
  }
}
