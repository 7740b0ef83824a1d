/**
 * The second layout: `movie` holds what the source says and nothing else; what cleaning makes of it lies beside it, a
 * generation at a time; columns and predictions are chunks of many movies. `BEFORE` runs first, then the TypeScript step of
 * 002-steps.ts moves the rows of the first layout, then `AFTER`.
 */
export const BEFORE = `
create table import (
  id integer primary key,
  at text not null,
  kind text not null check (kind in ('first', 'merge', 'repair')),
  -- JSON; 'null' while it runs
  report text not null,
  -- JSON: how its files were read, so that an edited record is read alike; null where nobody noted it
  plan text
) strict;

alter table source_file add column import integer not null default 1 references import (id);
-- 0 when a later import has replaced the file
alter table source_file add column current integer not null default 1;
alter table source_file add column kind text not null default 'csv';
alter table source_file add column packing text not null default 'none';
-- the file inside an archive, or the sheet of a workbook
alter table source_file add column entry text;
alter table source_file add column encoding text not null default 'utf-8';
-- what makes a quote inside a quoted cell text
alter table source_file add column quote_escape text not null default '"';
-- JSON: the columns that are a genre each
alter table source_file add column genre_columns text not null default '[]';
-- JSON: which repairs were on
alter table source_file add column repairs text not null default '{}';
-- JSON: which column holds what
alter table source_file add column mapping text not null default '{}';

-- the import whose record of the same movie took its place; null: in force
alter table record add column replaced integer references import (id);

-- what an import decided about the text of a file
create table decision (
  id integer primary key,
  file integer not null references source_file (id),
  line integer not null,
  lines integer not null,
  what text not null,
  why text not null,
  before text not null,
  after text not null
) strict;

create table cleaning (
  id integer primary key,
  at text not null,
  recipe text not null,
  -- null while it is being written; the one in force is named by meta's 'cleaning'
  report text,
  -- JSON: genre id -> the genre ids that this cleaning makes of it
  genre_targets text
) strict;
-- only plots that the cleaning changed
create table cleaned_plot (
  generation integer not null references cleaning (id),
  movie integer not null,
  plot text not null,
  primary key (generation, movie)
) strict, without rowid;
-- generation 0: columns that belong to no cleaning
create table column_chunk (
  generation integer not null,
  name text not null,
  chunk integer not null,
  bytes blob not null,
  primary key (generation, name, chunk)
) strict, without rowid;

create table movie_2 (
  id integer primary key,
  key text not null,
  -- what the source says, always: cleaning never writes here
  title text not null,
  plot text not null,
  -- JSON, in the source's order and spelling
  source_genres text not null,
  -- the import that brought it, or changed it last
  import integer not null references import (id),
  -- 1: no longer in the source
  gone integer not null default 0
) strict;

alter table prediction rename to prediction_1;
-- of many movies a row; float32 little endian, movies x genres of the run
create table prediction (
  run integer not null references run (id),
  chunk integer not null,
  movies blob not null,
  probabilities blob not null,
  evidence blob not null,
  primary key (run, chunk)
) strict, without rowid;
`

export const AFTER = `
drop table prediction_1;
drop table movie_text;
drop table movie;
alter table movie_2 rename to movie;
create unique index movie_key on movie (key);
create index record_aside on record (id) where set_aside is not null;
delete from meta where key in ('importedAt', 'importReport', 'cleanSwitches', 'cleanReport');

-- which movies of the source hold a word, not where: a quarter of the size. Two letters of a word being typed have a list of their own.
create virtual table movie_text using fts5 (
  title, plot, content = 'movie', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', detail = none, prefix = '2'
);
`
