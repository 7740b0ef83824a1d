/**
 * Every text of the window that a user can read or hear, in English. One section per screen or concept; a leaf is a string, or a function of
 * typed parameters. Sentences start with a capital letter and end with a full stop; a button says what it does.
 */
import { count, plural } from './format.ts'

const movies = (n: number): string => plural(n, { one: '# movie', other: '# movies' })
const genres = (n: number): string => plural(n, { one: '# genre', other: '# genres' })
const records = (n: number): string => plural(n, { one: '# record', other: '# records' })
const files = (n: number): string => plural(n, { one: '# file', other: '# files' })
const corrections = (n: number): string => plural(n, { one: '# correction', other: '# corrections' })
const decisions = (n: number): string => plural(n, { one: '# decision', other: '# decisions' })
/** For use within a sentence: `Added Drama to X` becomes `added Drama to X`. */
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

export const en = {
  /** Words that several screens share. */
  common: {
    close: 'Close',
    cancel: 'Cancel',
    tryAgain: 'Try again',
    /** In the place of an empty cell. */
    none: '–',
    /** Part of a file's name where the project has none. */
    fileName: 'movies',
    projectFileName: 'project',
    movies,
    genres,
    records,
    files,
  },

  /** Header, navigation, project menu, keyboard shortcuts, first steps. */
  shell: {
    appName: 'Reelabel',
    windowTitle: (screen: string, project: string) => `${screen} – ${project}`,
    screens: 'Screens',
    titles: {
      import: 'Import',
      clean: 'Clean',
      overview: 'Overview',
      review: 'Review',
      train: 'Train',
      try: 'Try',
      export: 'Export',
    },
    undo: 'Undo',
    redo: 'Redo',
    failedTitle: 'This screen failed to load',
    failedText: (error: string) => `Your decisions are saved. The error: ${error}`,
    keys: {
      title: 'Keyboard shortcuts',
      tooltip: 'Keyboard shortcuts (?)',
      key: 'Key',
      action: 'Action',
      genres: 'Genres',
      genresHelp: 'In Review, one key adds or removes a genre of the selected movie.',
    },
    project: {
      button: (name: string | null) => `Project: ${name ?? 'none'}`,
      none: 'No project',
      list: 'Projects',
      openSample: 'Open the sample project',
      import: 'Import files…',
      current: 'This project',
      update: 'Update from files…',
      backups: 'Backups…',
      saveAs: 'Save as…',
      exportAll: 'Export everything…',
    },
    firstSteps: {
      title: 'First steps',
      close: 'Close the first steps',
      steps: [
        { name: 'Import', text: 'your file.' },
        { name: 'Train', text: 'a model.' },
        { name: 'Review', text: 'the doubtful labels.' },
        { name: 'Retrain', text: 'and compare.' },
        { name: 'Export', text: 'the cleaned catalogue.' },
      ],
    },
  },

  /** The connection to the engine, and how it ended. */
  connection: {
    stopped: 'Reelabel has stopped',
    stoppedText: (reason: string) => `${reason} Reconnect to continue. Everything shown as saved is safe.`,
    stoppedPage: 'Everything shown as saved is safe. Restart Reelabel and open the address it prints.',
    reconnect: 'Reconnect',
    tryAddress: 'Try this address again',
    noToken: 'This address is incomplete',
    noTokenText: 'Open the whole address that Reelabel printed when it started.',
    unreachable: 'Can’t reach Reelabel',
    unreachableText:
      'Check that Reelabel is running and that this is the address it printed last. If not, restart it and open the address it prints.',
    failed: 'Reelabel could not start',
    otherProject: 'Another project was opened in the meantime.',
  },

  /** Background work: names, phases, ends. */
  jobs: {
    /** Shown while a job of this kind runs. */
    names: {
      import: 'Importing',
      clean: 'Cleaning',
      preview: 'Counting',
      compare: 'Comparing',
      merge: 'Updating',
      repair: 'Adding records',
      train: 'Training',
      retrain: 'Retraining',
      backup: 'Backing up',
      restore: 'Restoring',
      copy: 'Copying',
      salvage: 'Salvaging',
      everything: 'Exporting everything',
      download: 'Downloading a model',
      'export-model': 'Exporting a model',
    },
  },

  /** Undo, redo, and the history of decisions. */
  labels: {
    undid: (what: string) => `Undid: ${lowerFirst(what)}`,
    redid: (what: string) => `Redid: ${lowerFirst(what)}`,
    /** Entries of the change log; `movie` is its title. */
    added: (genre: string, movie: string) => `Added ${genre} to “${movie}”`,
    removed: (genre: string, movie: string) => `Removed ${genre} from “${movie}”`,
    impossible: (genre: string, movie: string) => `Marked ${genre} as impossible for “${movie}”`,
    possible: (genre: string, movie: string) => `Cleared “impossible” on ${genre} for “${movie}”`,
    acceptedAll: (movie: string) => `Accepted the suggestions for “${movie}”`,
    kept: (movie: string) => `Kept the labels of “${movie}”`,
    reviewed: (movie: string) => `Marked “${movie}” as reviewed`,
    notReviewed: (movie: string) => `Marked “${movie}” as not reviewed`,
    note: (movie: string) => `Added a note to “${movie}”`,
    noteRemoved: (movie: string) => `Removed the note from “${movie}”`,
  },

  /** What runs, their models and their parts are called. */
  runs: {
    name: (id: number) => `Run ${id}`,
    nameWithModel: (id: number, model: string) => `Run ${id} (${model})`,
    linear: 'Linear',
    small: 'Small transformer',
    modes: { lora: 'LoRA', head: 'head only', top: 'top layers', full: 'full' },
    topLayers: (n: number) => plural(n, { one: 'top layer', other: 'top # layers' }),
    architectures: { bert: 'BERT', distilbert: 'DistilBERT', llama: 'Llama' },
    parameters: (n: number) => plural(n, { one: '# parameter', other: '# parameters' }),
    millionParameters: (n: string) => `${n} million parameters`,
    billionParameters: (n: string) => `${n} billion parameters`,
    parts: {
      final: 'Final model',
      fold: (fold: number) => `Fold ${fold + 1}`,
      warmUp: (fold: number | null) => (fold === null ? 'Warm-up' : `Warm-up, fold ${fold + 1}`),
    },
    exportFolder: (id: number, what: string) => `Run ${id} ${what}`,
    noExplanation: 'Train a model to see the words for and against a genre.',
  },

  import: {
    purpose: 'What the files are for',
    newProject: 'New project',
    update: 'Update this project',
    updateHelp: (project: string) => `New, changed and missing movies of “${project}”`,
    next: 'Next:',
    checkCleaning: 'check the cleaning',
    trainModel: 'train a model',
    drop: {
      label: 'Files to import',
      text: 'Drop files here, or',
      choose: 'Choose files…',
      input: 'Files',
      help: 'CSV, TSV, JSON, JSON Lines, Parquet or Excel, also in .gz or .zip; several at once if they belong together. Your files are only read, never changed.',
    },
    uploads: {
      label: 'Chosen files',
      reading: (name: string) => `Reading ${name}`,
      remove: (name: string) => `Remove ${name}`,
    },
    detect: 'Detect',
    detected: (value: string) => `Detected: ${value}`,
    plan: {
      remembered: 'Using your last settings for this header.',
      detectAgain: 'Detect again',
      notReady: 'Not ready to import',
      format: 'Format',
      genreFormat: 'Genre format',
      genreColumns: 'Genre columns',
      addColumn: 'Add a column…',
      columns: {
        plot: 'Plot column',
        genres: 'Genres column',
        title: 'Title column',
        id: 'Id column',
        split: 'Split column',
      },
      noColumn: { plot: 'None', genres: 'None', title: 'None', id: 'None (use row numbers)', split: 'None (create one)' },
    },
    formats: {
      '9000-movies': '9000+ Movies Dataset',
      'imdb-by-genre': 'IMDb by genre, one file per genre',
      'movies-dataset': 'The Movies Dataset',
      'letterboxd-three': 'Letterboxd, three files',
      'letterboxd-one': 'Letterboxd, one file',
      table: 'Generic table',
    },
    genreFormats: {
      comma: 'Drama, Comedy',
      semicolon: 'Drama; Comedy',
      pipe: 'Drama|Comedy',
      slash: 'Drama/Comedy',
      json: 'JSON list',
      python: 'Python list',
      single: 'One genre',
      long: 'One row per movie and genre',
      'one-hot': 'One column per genre',
    },
    preview: {
      title: 'Preview',
      id: 'Id',
      name: 'Title',
      genres: 'Genres',
      plot: 'Plot',
      empty: 'No movie could be read with these settings.',
    },
    files: {
      title: 'File settings',
      tables: (n: number) => plural(n, { one: '# table', other: '# tables' }),
      tablesToImport: 'Tables to import',
      encoding: 'Encoding',
      separator: 'Separator',
      header: 'First row',
      headers: { yes: 'Column names', none: 'Data' },
      file: 'File',
      contents: 'Contents',
      type: 'Type',
      columns: 'Columns',
      size: 'Size',
      roles: { movies: 'Movies', genres: 'Genres', themes: 'Themes' },
      types: { csv: 'CSV', json: 'JSON', jsonl: 'JSON Lines', parquet: 'Parquet', xlsx: 'Excel' },
      packings: { none: '', gzip: ' in .gz', zip: ' in .zip' },
      withBom: (encoding: string) => `${encoding} with BOM`,
      encodings: {
        'utf-8': 'UTF-8',
        'utf-16le': 'UTF-16, little-endian',
        'utf-16be': 'UTF-16, big-endian',
        'windows-1252': 'Windows-1252',
        'iso-8859-1': 'Latin-1 (ISO 8859-1)',
      },
      separators: { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Vertical bar' },
    },
    genres: {
      title: 'Genres',
      note: (n: number, unusual: number) =>
        `${genres(n)} in the first records${unusual === 0 ? '' : plural(unusual, { one: ', # to check', other: ', # to check' })}`,
      protected: 'Genres whose name contains the separator',
      times: (n: number, why: string) => `${plural(n, { one: '# time', other: '# times' })}; ${why}`,
      noneProtected: 'None: every separator separates two genres.',
      detectAgain: 'Detect again',
      search: 'Search genres',
      searchPlaceholder: 'Search',
      protect: 'Treat as one genre',
      protectLabel: 'A genre name that contains the separator',
      protectPlaceholder: 'Arts, Entertainment, and Culture',
      table: 'Genres of the first records',
      genre: 'Genre',
      records: 'Records',
      renamed: 'Renamed to',
      check: 'Check',
      dropped: 'Dropped',
      notFound: 'No genre matches.',
      more: (n: number) => `Show more (${count(n)} left)`,
      help: 'You can merge, split and drop genres on the Clean screen after the import, with a preview.',
    },
    repairs: {
      title: 'Repairs',
      note: (problems: number, rejected: number) =>
        problems + rejected === 0
          ? 'No problems in the first records'
          : `In the first records: ${[
              problems > 0 ? plural(problems, { one: '# problem to fix', other: '# problems to fix' }) : '',
              rejected > 0 ? plural(rejected, { one: '# record rejected', other: '# records rejected' }) : '',
            ]
              .filter((part) => part !== '')
              .join(', ')}`,
      names: {
        mojibake: { label: 'Fix garbled text', help: 'Text was read in the wrong encoding: “PokÃ©mon” becomes “Pokémon”.' },
        torn: { label: 'Rejoin split records', help: 'A line break inside a cell split them.' },
        'broken-quotes': {
          label: 'Fix broken quotes',
          help: 'A conversion broke quotes or separators. Cells are rebuilt where that is safe.',
        },
      },
      places: (n: number) => plural(n, { one: '# place', other: '# places' }),
      placesIn: (n: number, file: string) => `${plural(n, { one: '# place', other: '# places' })} in ${file}`,
      line: (line: number) => `Line ${count(line)}`,
      help: 'Rejected records are kept: you can edit them and try again. The import log lists every entry by line.',
      examples: (n: number) => plural(n, { one: 'This entry is an example.', other: 'These # entries are examples.' }),
    },
    log: {
      title: 'Import log',
      entries: (n: number) => plural(n, { one: '# entry', other: '# entries' }),
      times: (n: number) => plural(n, { one: '# time', other: '# times' }),
      group: (kind: string, why: string) => `${kind}: ${why}`,
      kinds: { repaired: 'Repaired', rejected: 'Rejected', padded: 'Padded', 'renamed-column': 'Column renamed' },
      line: (file: string, line: number) => `${file}, line ${count(line)}`,
      lines: (file: string, from: number, to: number) => `${file}, lines ${count(from)} to ${count(to)}`,
    },
    start: {
      label: 'Start the import',
      name: 'Project name',
      cleaning: 'Cleaning',
      defaultRules: 'Default rules',
      ruleSet: (name: string) => `Rule set: ${name}`,
      help: 'You can change every rule later on the Clean screen. Nothing is lost.',
    },
    bar: {
      label: 'Import or start over',
      import: 'Import',
      compare: 'Compare',
      update: 'Update the project',
      startOver: 'Start over',
      importing: 'Importing…',
      comparing: 'Comparing…',
      updating: 'Updating…',
      notChanged: 'Nothing has changed yet.',
      compareFirst: 'Comparing changes nothing.',
    },
    missing: {
      reading: 'Reading the files…',
      problemFile: 'Remove the marked file to continue.',
      problems: 'Not ready to import: see above.',
      name: 'Enter a project name.',
    },
    newProjectName: 'New project',
    projectNameOfSeveral: (first: string, others: number) => `${first} and ${count(others)} more`,
    report: {
      title: 'Source files',
      summary: (nRecords: number, nMovies: number, noPlot: number, noGenre: number) =>
        `${records(nRecords)} became ${movies(nMovies)}; ${count(noPlot)} without a plot, ${count(noGenre)} without a genre.`,
      splitFromFile: 'The split comes from the file.',
      splitMade: 'Reelabel made the split; every genre appears in each part where possible.',
      file: 'File',
      records: 'Records',
      rejected: 'Rejected',
    },
  },

  /** Records that an import rejected. */
  rejected: {
    title: 'Rejected records',
    addFixed: (n: number) => (n === 0 ? 'Add fixed records' : plural(n, { one: 'Add # fixed record', other: 'Add # fixed records' })),
    help: 'They could not be read as movies. Nothing is lost: fix a record here and add it.',
    lineOf: (line: number, file: string) => `Line ${count(line)} of ${file}`,
    inList: (file: string, line: number) => `${file}, line ${count(line)}`,
    fixed: 'Fixed',
    edited: 'Edited',
    editor: (line: number) => `The record at line ${count(line)}`,
    header: 'Header:',
    valid: 'The record is valid now.',
    notYet: (why: string) => `Not yet: ${why}`,
    checking: 'Checking…',
    add: 'Add',
    revert: 'Revert',
    joins: 'Adds to the movie',
    creates: 'Creates the movie',
    noGenre: 'no genre',
    cells: 'Cells of the record',
    column: 'Column',
    cell: 'Cell',
    missing: 'Missing',
    moreColumns: (n: number) => plural(n, { one: '# more column.', other: '# more columns.' }),
  },

  /** Updating a project from newer files. */
  merge: {
    title: 'What the update would do',
    added: { label: 'New', help: 'only in the files' },
    changed: { label: 'Changed', help: 'differ from the project' },
    removed: { label: 'Missing', help: 'only in the project' },
    same: { label: 'Unchanged', help: 'nothing to do' },
    notInFiles: (n: number) => plural(n, { one: '# movie is not in the new files', other: '# movies are not in the new files' }),
    keep: { label: 'Keep', help: 'the files add to the project' },
    remove: { label: 'Remove', help: 'the files replace the catalogue; decisions are kept' },
    noCorrections: 'No movie of the project has a correction yet.',
    corrections: (unchanged: number, changed: number, missing: number) =>
      `Corrections stay: ${count(unchanged)} on unchanged movies, ${count(changed)} on changed ones, ${count(missing)} on missing ones.`,
    agreed: (n: number) => `The new files already agree with ${corrections(n)}.`,
    correctionsOf: corrections,
    examples: { changed: 'Examples of changed movies', added: 'Examples of new movies', removed: 'Examples of missing movies' },
    fields: { title: 'Title', plot: 'Plot', genres: 'Genres', columns: 'Other columns' },
    more: (n: number) => `Show ${count(n)} more`,
    backedUp: 'The project is backed up first. “Backups…” in the project menu restores it.',
  },

  clean: {
    kept: (kept: number, all: number) => `${count(kept)} of ${movies(all)} stay.`,
    help: 'The rules run from top to bottom. Nothing is lost: turning a rule off brings back its movies with their labels and verdicts.',
    rules: 'Rules, in the order in which they run',
    loading: 'Reading the rules…',
    addRule: 'Add a rule',
    bar: {
      label: 'Apply the rules',
      preview: 'Preview',
      cancelPreview: 'Cancel preview',
      apply: 'Apply',
      discard: 'Discard changes',
      cleaning: 'Cleaning…',
      counting: (phase: string | null) => (phase === null ? 'Counting…' : `Counting: ${phase}`),
      applied: 'All rules applied.',
      notApplied: 'Not applied yet. Preview counts what would change.',
      difference: (kept: number, all: number, by: number) =>
        by === 0
          ? `${count(kept)} of ${movies(all)} would stay: no change.`
          : `${count(kept)} of ${movies(all)} would stay: ${count(Math.abs(by))} ${by > 0 ? 'more' : 'fewer'} than now.`,
    },
    rule: {
      moveUp: (rule: string) => `Move up: ${rule}`,
      moveUpTooltip: 'Move up (Alt+↑)',
      moveDown: (rule: string) => `Move down: ${rule}`,
      moveDownTooltip: 'Move down (Alt+↓)',
      details: 'Settings and examples',
      detailsOf: (rule: string) => `Settings and examples: ${rule}`,
      remove: 'Remove rule',
      notCounted: 'Preview counts this rule.',
      count: 'Count',
      countThis: (rule: string) => `Count: ${rule}`,
      beforeAndAfter: 'Movies before and after:',
      noMovies: 'No movies',
      removed: (n: number) => `${movies(n)} removed`,
      changed: (n: number) => `${movies(n)} changed`,
      wouldAffect: (n: number) => `Would affect ${movies(n)}`,
      anyChoice: 'Any',
      chooseColumn: 'Choose a column',
    },
    examples: {
      label: (rule: string) => `Examples of ${rule}`,
      removed: 'Examples of removed movies',
      changed: 'Examples of changed movies',
      reason: 'Removed',
      more: (n: number) => `Show ${count(n)} more`,
    },
    duplicates: {
      label: (rule: string) => `${rule}: groups with different genres`,
      title: (groups: number, different: number) =>
        `${plural(groups, { one: '# group', other: '# groups' })} with the same plot, ${count(different)} with different genres`,
      help: 'One movie of each group stays. Open a movie to decide which genres are right.',
      similar: (share: string) => `${share} similar`,
      similarHelp: 'Share of word sequences that the plots have in common',
      first: (n: number) => `The first ${count(n)} are shown.`,
    },
    genres: {
      search: 'Search genres',
      searchPlaceholder: (n: number) => `Search ${genres(n)}`,
      select: 'Select',
      selectThis: (name: string) => `Select ${name}`,
      source: 'Genre in the source',
      movies: 'Movies',
      becomes: 'Becomes',
      becomesOf: (name: string) => `what ${name} becomes`,
      dropped: 'Dropped',
      withOtherRules: (result: string) => `(with the other rules: ${result})`,
      change: (name: string) => `Change what ${name} becomes`,
      done: (name: string) => `Done with ${name}`,
      notKnown: 'The genres have not been counted yet.',
      notFound: 'No genre matches.',
      more: (n: number) => `Show more (${count(n)} left)`,
      summary: (before: number, after: number, changed: number, emptied: number) =>
        `${genres(before)} become ${count(after)}; ${plural(changed, { one: '# movie changes', other: '# movies change' })}, ${count(emptied)} would be left without a genre`,
      actions: 'Change the selected genres',
      selected: (n: number) => `${count(n)} selected:`,
      target: 'Genre',
      targetPlaceholder: 'Genre…',
      merge: 'Merge',
      addParent: 'Add as parent',
      addParentHelp: 'The selected genres stay and get this one in addition',
      drop: 'Drop',
      reset: 'Reset',
    },
    ruleSets: {
      button: 'Rule sets',
      saved: 'Saved rule sets',
      help: 'A rule set is this list of rules with its settings. Saved rule sets are available in every project.',
      on: (n: number) => plural(n, { one: '# rule on', other: '# rules on' }),
      delete: (name: string) => `Delete the rule set ${name}`,
      empty: 'None yet.',
      name: 'Name of the rule set',
      namePlaceholder: 'Name',
      save: 'Save',
      savedNotice: (name: string) => `Saved the rule set “${name}”.`,
      restoreDefaults: 'Restore defaults',
      saveFile: 'Save as file',
      fileName: (project: string) => `${project} cleaning`,
      loadFile: 'Load a file…',
      file: 'Rule set file',
    },
  },

  overview: {},

  review: {},

  train: {},

  /** Settings of a training, by the name of the parameter. */
  recipe: {},

  /** Pre-trained models on this computer. */
  models: {
    exportedFiles: 'Files of the model',
  },

  /** Downloads from the Hugging Face Hub. */
  hub: {},

  tryIt: {},

  export: {
    what: 'What to export',
    contents: {
      catalogue: { label: 'Cleaned catalogue', help: 'your file with every original column and the corrected genres' },
      changes: { label: 'Change log', help: 'every decision: movie, genre, from, to, who, when' },
      predictions: { label: 'Predictions', help: 'the probability of every genre for every movie' },
    },
    extraColumns: 'Extra columns',
    columns: {
      previous: { label: 'Previous genres', help: 'as in the source' },
      verdict: { label: 'Verdict', help: 'the model’s verdict and your decision' },
      probability: { label: 'Probability', help: 'of each label, from a model that did not learn from the movie' },
      who: { label: 'Who', help: 'made the last change' },
      when: { label: 'When', help: 'the last change was made' },
    },
    escapeFormulas: 'Escape formulas',
    escapeFormulasHelp:
      'Adds an apostrophe to cells that a spreadsheet would run, such as “=cmd…”. Off: unchanged cells stay byte-identical.',
    run: 'Export',
    corrections: (n: number) => plural(n, { one: '# correction so far.', other: '# corrections so far.' }),
    done: 'Exported',
    written: (n: number) => `${records(n)}.`,
    writtenCatalogue: (n: number, changed: number) =>
      `${records(n)}; ${plural(changed, { one: '# differs', other: '# differ' })} from the source.`,
    noFormulas: 'No cell had to be escaped.',
    escaped: (n: number) => plural(n, { one: '# cell was escaped with an apostrophe.', other: '# cells were escaped with an apostrophe.' }),
    downloaded: (size: string) => `${size}, downloaded`,
    writtenTo: (size: string, path: string) => `${size}, ${path}`,
    everything: {
      title: 'Full export',
      help: 'The original rows, the cleaned movies, every decision and each model’s predictions as CSV and JSON files, with a README that explains them.',
      run: 'Export everything',
      files: 'Files of the export',
      folder: (project: string) => `${project} everything`,
    },
  },

  /** Backups, restoring, damaged projects. */
  safety: {
    title: 'Backups',
    copyName: (project: string) => `${project} copy.reel`,
    confirm: 'Restore this backup?',
    confirmQuestion: (at: string) => `Restore the backup of ${at}?`,
    lostUnknown: 'Its contents could not be read. If restoring it fails, nothing changes.',
    lostNothing: 'It holds every decision of the project.',
    lost: (n: number) =>
      plural(n, { one: 'It lacks the last decision of the project.', other: 'It lacks the last # decisions of the project.' }),
    backedUpFirst: 'The current project is backed up first, so you can return to it.',
    restore: 'Restore',
    keepCurrent: 'Keep the current project',
    automatic: 'Back up automatically, hourly and daily, while something changes',
    summary: (n: number, size: string, folder: string) =>
      `${plural(n, { one: '# backup', other: '# backups' })}, ${size}, in ${folder}. Old backups are deleted.`,
    loading: 'Looking for backups…',
    backUpNow: 'Back up now',
    table: {
      label: 'Backups of this project',
      when: 'When',
      reason: 'Reason',
      contents: 'Contents',
      size: 'Size',
      unreadable: 'Could not be read',
      decisionsOnly: (n: number) => `${decisions(n)}, without the movies`,
      whole: (nMovies: number, nDecisions: number) => `${movies(nMovies)}, ${decisions(nDecisions)}`,
      restore: 'Restore…',
      restoreThis: (at: string) => `Restore the backup of ${at}`,
      empty: 'No backup yet. The first one is made with the first decisions.',
    },
    reasons: {
      hourly: 'Hourly',
      daily: 'Daily',
      'before-merge': 'Before an update from files',
      'before-restore': 'Before restoring a backup',
      'before-migration': 'Before a newer version changed the file',
      asked: 'Manual',
    },
    trouble: {
      damaged: 'This project is damaged',
      damagedHelp:
        'Reelabel can read it page by page and save what is left to a new folder: decisions first, then movies. The damaged file is not changed.',
      newer: 'This project was made by a newer version',
      newerHelp: 'Update Reelabel to open it. The file was not changed.',
      readOnly: 'This project is read-only',
      readOnlyHelp: 'Allow writing to the file and its folder, or copy it to another folder, and try again.',
      busy: 'This project is open elsewhere',
      busyHelp: 'Close it there and try again. Two programs would overwrite each other’s work.',
      openIn: 'Open in',
      holder: (user: string, host: string, since: string, pid: number) => `by ${user} on ${host} since ${since} (process ${pid}).`,
      orRestore: 'Or restore a backup. The damaged file is kept beside it.',
      salvage: 'Salvage what can be read',
      openSalvaged: 'Open the salvaged project',
    },
    salvaged: {
      folder: (folder: string) => `Written to ${folder}`,
      noProject: 'Too little could be read to make a project.',
      label: 'Salvaged tables',
      table: 'Table',
      rows: 'Rows read',
      lost: 'Lost',
      nothingLost: 'Nothing found missing',
    },
  },

  charts: {},

  /** Parts that several screens use: dialogs, lists, fields, progress. */
  components: {
    files: {
      toSave: (n: number) => plural(n, { one: 'Save this file:', other: 'Save these # files:' }),
      file: 'File',
      rows: 'Rows',
      size: 'Size',
      save: 'Save',
      saveThis: (name: string) => `Save ${name}`,
    },
  },
}
