/**
 * Values as a project stores them. A stranger's file may hold any value that the type of a column allows, so a value is checked where it is
 * read, by its shape and not by its sense: what follows is then computed from wrong numbers at worst.
 */
import { z } from 'zod'
import { whole } from '../../contract/method.ts'
import type { UserError } from '../../contract/errors.ts'
import { damaged } from './schema.ts'

/** The error for a stored value that Reelabel never writes. @param what where the value is, such as `run.config` */
export const damagedValue = (what: string): UserError => damaged('The project', `${what} holds what Reelabel never writes`)

/** A value from its JSON. @throws UserError `project-damaged` */
export function storedJson<T>(text: unknown, schema: z.ZodType<T>, what: string): T {
  try {
    return schema.parse(JSON.parse(String(text)))
  } catch {
    throw damagedValue(what)
  }
}

export const TEXTS = z.array(z.string())
export const NUMBERS = z.array(z.number())
/** Id of a genre, run or cleaning. */
export const ID = whole
export const IDS = z.array(ID)
/** An object of which only the members that code relies on everywhere are checked; the others are as they were written. */
export const objectWith = <T>(members: z.ZodRawShape): z.ZodType<T> => z.looseObject(members) as unknown as z.ZodType<T>
