/** Points in one buffer, drawn by WebGL2 in one call: docs/decisions/0019-map.md. */

/** The visible part: the place in the middle, from 0 to 1, and the pixels of the unit square's side. */
export interface View {
  readonly x: number
  readonly y: number
  readonly scale: number
}
/** Red, green, blue and opacity, 0 to 1. */
export type Rgba = readonly [number, number, number, number]
/** Colours that the shader holds: codes from the last one on have the last one. */
export const MAX_COLOURS = 64

const VERTEX = `#version 300 es
in vec2 place;
in float code;
uniform vec2 middle;
uniform vec2 scale;
uniform float size;
uniform vec4 colours[${MAX_COLOURS}];
out vec4 colour;
void main() {
  colour = colours[int(min(code, ${MAX_COLOURS - 1}.0))];
  vec2 at = (place - middle) * scale;
  // a hidden point is outside of what is seen
  gl_Position = colour.a == 0.0 ? vec4(2.0, 2.0, 2.0, 1.0) : vec4(at, 0.0, 1.0);
  gl_PointSize = size;
}`
const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 colour;
out vec4 pixel;
void main() {
  float far = length(gl_PointCoord - 0.5) * 2.0;
  float opacity = colour.a * (1.0 - smoothstep(0.75, 1.0, far));
  pixel = vec4(colour.rgb * opacity, opacity);
}`

export class PointLayer {
  readonly #gl
  readonly #program
  readonly #buffers
  #count = 0

  /** @throws Error if the browser has no WebGL2 */
  constructor(canvas: HTMLCanvasElement) {
    const gl = canvas.getContext('webgl2', { antialias: false, premultipliedAlpha: true })
    if (!gl) throw new Error('no WebGL2')
    this.#gl = gl
    this.#program = gl.createProgram()
    for (const [kind, text] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ] as const) {
      const shader = gl.createShader(kind)
      if (!shader) throw new Error('no shader')
      gl.shaderSource(shader, text)
      gl.compileShader(shader)
      gl.attachShader(this.#program, shader)
    }
    gl.linkProgram(this.#program)
    if (!gl.getProgramParameter(this.#program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(this.#program) ?? 'no program')
    gl.useProgram(this.#program)
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
    this.#buffers = { place: this.#attribute('place', 2, gl.FLOAT), code: this.#attribute('code', 1, gl.UNSIGNED_BYTE) }
  }
  #attribute(name: string, size: number, type: number): WebGLBuffer {
    const gl = this.#gl
    const buffer = gl.createBuffer()
    const at = gl.getAttribLocation(this.#program, name)
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer)
    gl.enableVertexAttribArray(at)
    gl.vertexAttribPointer(at, size, type, false, 0, 0)
    return buffer
  }
  #fill(buffer: WebGLBuffer, data: Float32Array | Uint8Array): void {
    this.#gl.bindBuffer(this.#gl.ARRAY_BUFFER, buffer)
    this.#gl.bufferData(this.#gl.ARRAY_BUFFER, data, this.#gl.STATIC_DRAW)
  }
  /** @param places (n, 2) @param codes (n) places of the points' colours */
  setPoints(places: Float32Array, codes: Uint8Array): void {
    this.#count = codes.length
    this.#fill(this.#buffers.place, places)
    this.#fill(this.#buffers.code, codes)
  }
  /** @param size of a point, in pixels of the screen */
  draw(view: View, colours: readonly Rgba[], size: number): void {
    const gl = this.#gl
    const { width, height } = gl.canvas
    const uniform = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(this.#program, name)
    const [x, y] = [(2 * view.scale * devicePixelRatio) / width, (-2 * view.scale * devicePixelRatio) / height]
    gl.viewport(0, 0, width, height)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    gl.uniform2f(uniform('middle'), view.x, view.y)
    gl.uniform2f(uniform('scale'), x, y)
    gl.uniform1f(uniform('size'), size * devicePixelRatio)
    gl.uniform4fv(uniform('colours'), colours.flat())
    gl.drawArrays(gl.POINTS, 0, this.#count)
  }
  /** Frees the graphics memory at once. */
  close(): void {
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext()
  }
}
