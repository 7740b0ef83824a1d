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
} from 'chart.js'

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

/** A name for a label: a long one loses its end. */
export const shortName = (name: string): string => (name.length > 24 ? `${name.slice(0, 23)}…` : name)

/** Returns an attachment that draws the chart and redraws it when the colour scheme changes. */
export function draw<T extends ChartType, D = DefaultDataPoint<T>>(make: (colours: Palette) => ChartConfiguration<T, D>) {
  return (canvas: HTMLCanvasElement): (() => void) => {
    const dark = matchMedia('(prefers-color-scheme: dark)')
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
    redraw()
    dark.addEventListener('change', redraw)
    return () => {
      dark.removeEventListener('change', redraw)
      chart?.destroy()
    }
  }
}
