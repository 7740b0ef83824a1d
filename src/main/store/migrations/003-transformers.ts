/**
 * The third layout: how a training went is kept with its run, and a model that is too large for the project lies beside it.
 * Columns come last, so that a damaged file's rows of the second layout are read alike.
 */
export const TRANSFORMERS = `
-- JSON of a TrainingLog; null: nobody noted it
alter table run add column log text;
-- the name of its folder in the data folder's models/tuned; bytes are empty then
alter table model add column folder text;
`
