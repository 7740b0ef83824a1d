/** The form of an entry in the tables of methods: each method of the Api is declared once, in the table of its feature. */
import { z } from 'zod'

/**
 * The rights of a page in a browser to a path argument (see main/handlers/path-policy.ts). `upload`: a file that it uploaded. `project`: a
 * project of the projects folder, or the one that the host was started with. All others must be null: Reelabel chooses the place of a
 * `new-project` or `new-folder`, offers a `download`, and reads a `model-folder` only from the command line.
 */
export type PathUse = 'upload' | 'project' | 'new-project' | 'new-folder' | 'download' | 'model-folder'
/** `project`: the result is about the open project, so it is stale once another one is open. `app`: it is valid with any project. */
export type Scope = 'project' | 'app'
/** Carries the type of a result at compile time; it holds no value. */
export interface ResultType<R> {
  readonly type?: R
}
export const type = <R>(): ResultType<R> => ({})

export interface MethodSpec<A extends z.ZodType = z.ZodType, R = unknown> {
  /** Schema of the arguments. The engine parses the arguments of every call, also of calls in its own process. */
  readonly args: A
  readonly result: ResultType<R>
  readonly scope: Scope
  /** Which arguments are paths, and their use. */
  readonly paths: Readonly<Partial<Record<string, PathUse>>>
}
/** Arguments as a table states them: the members of an object without any others, or a schema. */
type ArgsSpec = z.ZodType | z.core.$ZodShape
type SchemaOf<A extends ArgsSpec> = A extends z.ZodType ? A : A extends z.core.$ZodShape ? z.ZodObject<A, z.core.$strict> : never
const methodIn =
  (scope: Scope) =>
  <A extends ArgsSpec, R>(
    args: A,
    result: ResultType<R>,
    paths: { readonly [K in keyof z.output<SchemaOf<A>>]?: PathUse } = {},
  ): MethodSpec<SchemaOf<A>, R> => ({
    args: (args instanceof z.ZodType ? args : z.strictObject(args)) as SchemaOf<A>,
    result,
    scope,
    paths,
  })
/** Declares a method. Its name is the key in its feature's table; `Handlers` and `Api` derive their types from the table. */
export const projectMethod = methodIn('project')
/** Declares a method that needs no open project. */
export const appMethod = methodIn('app')

export const id = z.int().positive()
export const path = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => !text.includes('\0'), 'no path has a NUL character')
/** A genre by its id or name. */
export const genreRef = z.union([id, z.string().min(1).max(1000)])
export const whole = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
export const seed = whole
/** Which page of a list: entries after the one numbered `after` (0: from the first). */
export const page = { after: z.int().nonnegative().default(0), limit: z.int().min(1).max(500).default(100) }

/** Result of a method that starts a job; its events follow as `job`. */
export interface JobStarted {
  readonly job: number
}
