/**
 * Every text of the window that a user can read or hear, in English. One section per screen or concept; a leaf is a string, or a function of
 * typed parameters. Sentences start with a capital letter and end with a full stop; a button says what it does.
 */
import { plural } from './format.ts'

const movies = (n: number): string => plural(n, { one: '# movie', other: '# movies' })
const genres = (n: number): string => plural(n, { one: '# genre', other: '# genres' })
const records = (n: number): string => plural(n, { one: '# record', other: '# records' })
const files = (n: number): string => plural(n, { one: '# file', other: '# files' })

export const en = {
  /** Words that several screens share. */
  common: {
    close: 'Close',
    cancel: 'Cancel',
    movies,
    genres,
    records,
    files,
  },

  /** Header, navigation, project menu, keyboard shortcuts, first steps. */
  shell: {},

  /** The connection to the engine, and how it ended. */
  connection: {},

  /** Background work: names, phases, ends. */
  jobs: {},

  /** Undo, redo, and the history of decisions. */
  labels: {},

  import: {},

  /** Records that an import rejected. */
  rejected: {},

  /** Updating a project from newer files. */
  merge: {},

  clean: {},

  overview: {},

  review: {},

  train: {},

  /** Settings of a training, by the name of the parameter. */
  recipe: {},

  /** Pre-trained models on this computer. */
  models: {},

  /** Downloads from the Hugging Face Hub. */
  hub: {},

  tryIt: {},

  export: {},

  /** Backups, restoring, damaged projects. */
  safety: {},

  charts: {},

  /** Parts that several screens use: dialogs, lists, fields, progress. */
  components: {},
}
