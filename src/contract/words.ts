/** Numbers in sentences, as the window, the engine and the command line write them. */
const whole = new Intl.NumberFormat('en')
export const count = (n: number): string => whole.format(n)
/** `1 movie`, `2,000 movies`. */
export const many = (n: number, one: string, several = `${one}s`): string => `${count(n)} ${n === 1 ? one : several}`
