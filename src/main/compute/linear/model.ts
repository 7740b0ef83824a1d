/** The trained model of the linear family: its shape, its predictions, its bytes. */
export { createModel, predictProba, type LinearModel } from './predict.ts'
export { deserialise, serialise } from './serialise.ts'
