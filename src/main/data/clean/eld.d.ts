declare module 'eld/small' {
  export { eld } from 'eld'
}
