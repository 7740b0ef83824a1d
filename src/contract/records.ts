/**
 * Domain types: movies, genres, cells, runs.
 * A *cell* is one (movie, genre) pair. Genres are referred to by their id (1, 2, …, never reused); arrays that run over
 * genres (`probabilities`, `thresholds`) follow the order of a run's or a catalogue's genre list.
 */
import type { MovieAnswer } from './answers.ts'
import type { TransformerConfig } from './models.ts'
import type { Reads } from './model-text.ts'

/** A movie as the imported files describe it: what an import writes and cleaning reads. */
export interface SourceMovie {
  readonly movie: number
  readonly key: string
  readonly title: string
  readonly plot: string
  /** A plot of a database that was accepted in the place of the source's missing one; absent: none was. */
  readonly accepted?: string
  /** In the source's order and spelling. */
  readonly genres: readonly string[]
  /** Values of the requested original columns, by name. */
  readonly cells?: Readonly<Record<string, string>>
}
export interface Genre {
  readonly id: number
  readonly name: string
}

export type Split = 'train' | 'valid' | 'test'
export const SPLITS = ['train', 'valid', 'test'] as const satisfies readonly Split[]

/** How a cell's label and its thresholded out-of-fold prediction relate. `swapped`: one half of a missing/spurious pair. */
export type CellKind = 'good' | 'missing' | 'spurious' | 'swapped'
/** An analyst's verdict on a cell; it overrides every estimate. */
export type Verdict = 'keep' | 'impossible'
export const BUCKETS = ['good', 'bad', 'impossible'] as const
export type Bucket = (typeof BUCKETS)[number]

export interface Cell {
  readonly genre: number
  readonly name: string
  /** Effective label: the source label with the change log applied. */
  readonly label: boolean
  /** Label as the cleaned source has it. */
  readonly source: boolean
  /** Out-of-fold probability of the current run; null before the first training. */
  readonly probability: number | null
  readonly threshold: number | null
  readonly predicted: boolean | null
  readonly kind: CellKind | null
  /** Name of the genre this one is swapped with. */
  readonly partner: string | null
  /** True if this label is estimated not to be predictable from the plot. */
  readonly impossibleEstimate: boolean
  readonly verdict: Verdict | null
}

/** The evidence that a reason opens: words of title and plot, similar movies, movies that have all these genres, one movie, … */
export type Proof =
  | { readonly show: 'words' | 'neighbours' | 'records' | 'answers' }
  | { readonly show: 'genres'; readonly genres: readonly number[] }
  | { readonly show: 'movie'; readonly movie: number }
  | { readonly show: 'run'; readonly run: number }
/** A piece of evidence against a label. */
export interface Reason {
  /** Name of the source, see analysis/suspects/evidence.ts. */
  readonly kind: string
  readonly text: string
  /** Its term in the log-odds that the label is wrong, against the average cell; 0 if it is not weighed. */
  readonly weight: number
  readonly proof: Proof
}
/** The correction of a label: remove it, add it, or put the genre `by` in its place. */
export type Suggestion =
  | { readonly kind: 'add' | 'remove'; readonly by: null }
  | { readonly kind: 'replace'; readonly by: { readonly genre: number; readonly name: string } }
/** A cell whose label is probably wrong. */
export interface Suspect {
  readonly genre: number
  readonly name: string
  /** The label as it is. */
  readonly given: boolean
  readonly pWrong: number
  readonly suggestion: Suggestion
}
export interface SuspectCell extends Suspect {
  /** The largest weight first; only those that speak against the label. */
  readonly reasons: readonly Reason[]
}

/** One line of the review list. */
export interface MovieRow {
  readonly movie: number
  /** The catalogue's own id if it has one, else `row-N` (N: record number in the file, from 1). */
  readonly key: string
  readonly title: string
  /** The first 160 characters of the plot. */
  readonly excerpt: string
  readonly split: Split
  readonly buckets: readonly Bucket[]
  /** Label quality (0 worst, 1 best): 1 - P(a label is wrong) if suspects were searched for; null before the first training. */
  readonly score: number | null
  readonly reviewed: boolean
  /** Put off: it comes after the rest of every list. */
  readonly skipped: boolean
  readonly flagged: boolean
  readonly labels: readonly string[]
  readonly predicted: readonly string[]
  /** The cells that are not good, and those with a verdict. */
  readonly cells: readonly Cell[]
  /** The suspicious cells, the most suspicious first; null if suspects were not searched for since the last cleaning. */
  readonly suspects: readonly Suspect[] | null
}

export interface MovieDetail extends MovieRow {
  readonly plot: string
  readonly note: string
  /** Every genre of the catalogue. */
  readonly allCells: readonly Cell[]
  /** Every original column of the movie's first record, in file order. */
  readonly columns: readonly { readonly name: string; readonly value: string }[]
  readonly history: readonly ChangeEntry[]
  readonly suspects: readonly SuspectCell[] | null
  /** Why labels are estimated impossible. */
  readonly impossible: readonly ImpossibleReason[]
  /** Genres that people decided differently. */
  readonly disputes: readonly Dispute[]
  /** True while what others decided is hidden: the movie is decided blind. */
  readonly blind: boolean
  /** True while the movie is assigned to the person who decides now, who has not decided all of its genres. */
  readonly todo: boolean
  /** The newest answers of services and decoders, of each task and source. */
  readonly answers: readonly MovieAnswer[]
}
/** A person's verdict on a cell. */
export interface Opinion {
  readonly who: string
  /** True if the person decided between others. */
  readonly between: boolean
  /** Whether the movie has the genre. */
  readonly has: boolean
  readonly at: string
  /** Of the decision; empty if none was given. */
  readonly reason: string
  /** The person's last note on the movie. */
  readonly note: string
}
/** A cell that people decided differently, and that nobody has settled since. */
export interface Dispute {
  readonly genre: number
  readonly name: string
  readonly opinions: readonly Opinion[]
  /** P(the movie has the genre) by the decisions of all, weighted by CROWDLAB; null if it cannot be computed. */
  readonly consensus: number | null
}
/** Why a label is estimated not to be predictable from the plot: nothing speaks for it, and plots hardly carry the genre or this one is short. */
export interface ImpossibleReason {
  readonly genre: number
  /** Share of the genre's source labels that are predicted out of fold. */
  readonly carried: number
  readonly short: boolean
  /** Most similar movies, and how many of them have the genre; 0 of 0 if suspects were never searched for. */
  readonly having: number
  readonly of: number
}

/** Part of the plot that counts for (score > 0) or against a genre: half-open, in UTF-16 code units. */
export interface Span {
  readonly start: number
  readonly end: number
  /** Contribution to the genre's logit. */
  readonly score: number
}
/** A word or n-gram of a plot with its contribution to a logit. */
export interface Term {
  readonly text: string
  /** `char`: an n-gram of characters, part of a word. */
  readonly kind: 'word' | 'char'
  readonly contribution: number
  /** Of an ensemble of linear runs: the share of each member, in the order of `members` of the explanation; they add up to `contribution`. */
  readonly shares?: readonly number[]
}
/**
 * The explained model. `fold`: that of the movie's fold, which made the out-of-fold prediction; `final`: the final one, which made it;
 * `learned`: the final one, which learned from this movie and did not make the prediction, because the fold's model is not stored.
 */
export type ExplainedModel = 'fold' | 'final' | 'learned'
/**
 * How contributions of words are found. `exact`: the terms of the sum that a linear model is. `ig`: integrated gradients; `gradient`:
 * gradient x input, both of a transformer. `occlusion`: each word is deleted in turn.
 */
export const EXPLAIN_METHODS = ['exact', 'ig', 'gradient', 'occlusion'] as const
export type ExplainMethod = (typeof EXPLAIN_METHODS)[number]
/** The methods of each family; the first is used unless another one was measured to be more faithful. Ensembles are exact if all members are linear. */
export const METHODS_OF: Readonly<Record<RunConfig['family'], readonly ExplainMethod[]>> = {
  linear: ['exact', 'occlusion'],
  transformer: ['ig', 'gradient', 'occlusion'],
  ensemble: ['exact', 'occlusion'],
}
/** Methods that tell nothing about models of a family, by the name of the family: they are not offered, and why. */
export const METHODS_WITHOUT: Readonly<Partial<Record<string, { readonly method: ExplainMethod; readonly why: string }>>> = {
  modernbert: { method: 'gradient', why: 'ModernBERT normalises each word first, so gradient × input is close to zero for every word' },
}
export interface Explanation {
  readonly genre: number
  readonly model: ExplainedModel
  /** Contributions of the plot's words. */
  readonly spans: readonly Span[]
  /** Contributions of the title's words; empty if the model does not read the title. */
  readonly titleSpans: readonly Span[]
  /** Contributions of words in the original columns that the model reads. */
  readonly columnSpans: readonly { readonly column: string; readonly spans: readonly Span[] }[]
  /** The terms with the largest absolute contribution, sorted by it. */
  readonly terms: readonly Term[]
  /** Sum of the contributions of all other terms. */
  readonly rest: number
  readonly intercept: number
  /** intercept + rest + the contributions of `terms`; sigmoid(logit) is the model's probability. */
  readonly logit: number
  /** Of an ensemble of linear runs: the runs, in the order of the shares of terms. */
  readonly members?: readonly number[]
  /** How exact it is, and what of the plot the model did not read; empty if it is exact. */
  readonly note: string
}

/** Marks that an analyst can set on a movie as a whole. */
export const MARKS = ['reviewed', 'skipped', 'flagged'] as const
export type Mark = (typeof MARKS)[number]
/** Fields that a change can set. */
export const CHANGE_FIELDS = ['label', 'verdict', 'note', ...MARKS] as const
export type ChangeField = (typeof CHANGE_FIELDS)[number]
export const isMark = (field: ChangeField): field is Mark => (MARKS as readonly string[]).includes(field)
/** An entry of the change log. `from` and `to`: '0' or '1', a verdict or '', or text. */
export interface ChangeEntry {
  readonly batch: number
  readonly movie: number
  readonly key: string
  readonly title: string
  readonly genre: string | null
  readonly field: ChangeField
  readonly from: string
  readonly to: string
  readonly at: string
  readonly who: string
  readonly why: string
  /** The run whose suggestion this accepts or refuses. */
  readonly run: number | null
  /** The earlier batch that this entry undoes or redoes. */
  readonly undoes: number | null
}
/** An entry of the History screen. */
export interface LoggedChange extends ChangeEntry {
  /** Number of the change. */
  readonly change: number
  /** Description of the batch that it belongs to. */
  readonly description: string
}
/** Changes of the log that were made together. `undoes`: the batch that it takes back. */
export interface Batch {
  readonly id: number
  readonly at: string
  readonly who: string
  readonly why: string
  readonly description: string
  readonly run: number | null
  readonly undoes: number | null
}
export interface BatchInfo {
  readonly batch: number
  readonly description: string
  readonly changes: number
  readonly movies: readonly number[]
}
export interface UndoState {
  readonly undo: string | null
  readonly redo: string | null
  readonly corrections: number
  readonly reviewed: number
  /** The newest batch of the change log, undos and redos included; 0 if there is none. */
  readonly newest: number
}

/** Settings of the linear family. Every value is recorded with the run. */
export interface LinearConfig {
  readonly family: 'linear'
  readonly folds: number
  readonly seed: number
  readonly reads: Reads
  /** Original columns that are read after the plot. */
  readonly columns?: readonly string[] | undefined
  /** Words that are left out of the text. */
  readonly dropWords?: readonly string[] | undefined
  /** Inverse strength of the L2 penalty, as in scikit-learn. */
  readonly c: number
  readonly classWeight: 'none' | 'balanced' | 'log'
  /**
   * Share of the features that are scaled by naive Bayes' log-count ratios (NB-SVM) in the logistic regression, 0 to 1: 0 is a plain one.
   */
  readonly ratioShare: number
  /** Factor of naive Bayes' log-odds, which are added to those of the logistic regression; 0: none. */
  readonly bayesWeight: number
  /** Word n-grams from 1 to this length. */
  readonly wordNgrams: number
  /** Character n-grams inside word boundaries, [shortest, longest]; null switches them off. */
  readonly charNgrams: readonly [number, number] | null
  readonly minDf: number
  /** Limit for word n-grams, and for character n-grams: those in the most plots are kept; null: no limit. */
  readonly maxFeatures: number | null
  readonly sublinearTf: boolean
  readonly stopWords: 'none' | 'english'
  /** Weight of a row that an analyst has reviewed, against 1 for the others. */
  readonly reviewedWeight: number
}

/** The members of a linear model, whose log-odds are added. How the numbers were chosen: docs/linear-defaults.md. */
export const LINEAR_MEMBERS = {
  combined: { ratioShare: 0.5, bayesWeight: 0.125 },
  nbSvm: { ratioShare: 1, bayesWeight: 0 },
  logistic: { ratioShare: 0, bayesWeight: 0 },
} as const satisfies Record<string, Pick<LinearConfig, 'ratioShare' | 'bayesWeight'>>

/** How an ensemble combines the logits of its members: a logistic regression for each genre on those of all genres, or their mean. */
export const ENSEMBLE_KINDS = ['stack', 'mean'] as const

/** An ensemble of finished runs of the project, which read the same text. */
export interface EnsembleConfig extends Pick<LinearConfig, 'folds' | 'seed' | 'reads' | 'columns' | 'dropWords' | 'reviewedWeight'> {
  readonly family: 'ensemble'
  /** Ids of its members. */
  readonly runs: readonly number[]
  readonly how: (typeof ENSEMBLE_KINDS)[number]
}

/** Recipe of a training of any family. */
export type RunConfig = LinearConfig | TransformerConfig | EnsembleConfig

export type RunStatus = 'running' | 'done' | 'cancelled' | 'failed' | 'interrupted'
/** How probabilities are calibrated. */
export const CALIBRATIONS = ['none', 'platt', 'temperature'] as const
export type CalibrationKind = (typeof CALIBRATIONS)[number]
/** calibrated p = sigmoid(slope * logit(p) + offset); a temperature has no offset. */
export interface Scale {
  readonly slope: number
  readonly offset: number
}
/** The smallest slope with which a run is calibrated: scales have to be increasing, and to be inverted. */
export const MIN_SLOPE = 0.05
export interface RunSummary extends Headline {
  readonly part: MetricsPart
  /** If other thresholds were chosen after the training: how, and those that the training chose. */
  readonly thresholds?: { readonly origin: string; readonly trained: readonly number[] } | undefined
  /**
   * If the run's probabilities are calibrated: the scale of each genre, and the thresholds at that time. These, and those that the training
   * chose, are on the scale of the model; the run's thresholds are calibrated as its probabilities are.
   */
  readonly calibration?:
    | { readonly kind: Exclude<CalibrationKind, 'none'>; readonly scales: readonly Scale[]; readonly thresholds: readonly number[] }
    | undefined
}
export interface RunInfo {
  readonly id: number
  readonly name: string
  /** The analyst's note; empty if there is none. */
  readonly note: string
  readonly status: RunStatus
  readonly createdAt: string
  readonly elapsedMs: number | null
  readonly config: RunConfig
  /** The run this one retrained; null for a fresh training. */
  readonly parent: number | null
  readonly current: boolean
  readonly genres: readonly Genre[]
  /** Per genre, chosen on out-of-fold probabilities. */
  readonly thresholds: readonly number[]
  /** Corrections in force when it was trained. */
  readonly corrections: number
  /** The last batch of the change log when it was trained. */
  readonly lastBatch: number
  /** N-grams of a linear model, trained parameters of a transformer. */
  readonly features: number
  /** Headline figures: frozen test part (else out-of-fold), per-genre thresholds, corrected labels. */
  readonly summary: RunSummary | null
  readonly error: string | null
  /** True if it was interrupted and can be resumed from its last checkpoint. */
  readonly resumable: boolean
}

export type MetricsPart = 'test' | 'valid' | 'oof'
export type LabelsKind = 'source' | 'corrected'

export interface Averages {
  readonly precision: number
  readonly recall: number
  readonly f1: number
}
/** Names and nesting of scikit-learn's multi-label metrics. Ratios without a denominator are 0 and listed in `undefined_ratios`. */
export interface Metrics {
  readonly micro: Averages
  readonly macro: Averages
  readonly weighted: Averages
  readonly samples: Averages
  readonly per_label: {
    readonly precision: readonly number[]
    readonly recall: readonly number[]
    readonly f1: readonly number[]
    readonly support: readonly number[]
  }
  readonly hamming_loss: number
  readonly subset_accuracy: number
  readonly jaccard_samples: number
  readonly jaccard_micro: number
  readonly jaccard_macro: number
  readonly multilabel_confusion_matrix: readonly (readonly [readonly [number, number], readonly [number, number]])[]
  readonly at_least_one: number
  readonly at_least_two: number
  readonly elementwise_accuracy: number
  readonly score_3tp_1tn: number
  readonly matthews_per_label: readonly number[]
  readonly ranking: RankingMetrics
  readonly ece_10_equal_width: { readonly per_label: readonly number[]; readonly pooled: number }
  /** Names of the ratios that had no denominator and were set to 0, such as `per_label.recall[6]`. */
  readonly undefined_ratios: readonly string[]
}
export interface RankingMetrics {
  /** Columns with at least one positive and one negative; the per-label lists below follow it. */
  readonly live_labels: readonly number[]
  readonly roc_auc_per_label: readonly number[]
  readonly average_precision_per_label: readonly number[]
  readonly average_precision_micro: number
  readonly label_ranking_average_precision: number
  readonly label_ranking_loss: number
  readonly coverage_error: number
  readonly brier_per_label: readonly number[]
  readonly log_loss_mean: number
}
/** Scores without the cells that plots do not carry. */
export interface AnswerableScores {
  readonly micro_f1: number
  readonly macro_f1: number
  readonly jaccard_samples: number
  /** Cells that are left out: those that a person marked impossible, and those that are estimated so. */
  readonly marked: number
  readonly estimated: number
}
/** Baselines without a model: no genre, every genre, or the most frequent genre for every movie. */
export const BASELINES = ['never', 'always', 'majority'] as const
export type Headline = Readonly<Record<'microF1' | 'macroF1' | 'jaccard', number>>
export interface MetricsReport extends Metrics {
  /** The filter of the movies; empty: the whole part. */
  readonly where: string
  readonly baselines: Readonly<Record<(typeof BASELINES)[number], Headline>>
  /** 95% percentile bootstrap intervals over the movies; null if none were asked for. */
  readonly intervals: Readonly<Record<keyof Headline, { readonly low: number; readonly high: number }>> | null
  /** Estimates exist for the current run only, and only of labels that it misses: leaving them out can only raise the scores. */
  readonly answerable: AnswerableScores
  readonly run: number
  readonly part: MetricsPart
  readonly labels: LabelsKind
  readonly threshold: 'per-genre' | number
  /** The run's genres; lists over genres follow their order. */
  readonly genres: readonly string[]
  /** Movies of the part with predictions of this run; movies that a later cleaning restored have none. */
  readonly movies: number
}

/** One figure of two runs, paired over the same movies. */
export interface Difference {
  readonly old: number
  readonly new: number
  readonly difference: number
  /** 95% percentile bootstrap interval of the difference. */
  readonly low: number
  readonly high: number
}
export type CompareVerdict = 'better' | 'worse' | 'undecided'
export interface Comparison {
  readonly a: number
  readonly b: number
  readonly part: MetricsPart
  /** Movies of the part with predictions of both runs. */
  readonly movies: number
  readonly resamples: number
  readonly seed: number
  /** By micro-F1 on the corrected labels. */
  readonly verdict: CompareVerdict
  readonly corrected: Readonly<Record<'microF1' | 'macroF1' | 'jaccard', Difference>>
  readonly source: Readonly<Record<'microF1' | 'macroF1' | 'jaccard', Difference>>
  /** Movies for which the runs predict different genres: `run:A..B` in the filter language. */
  readonly differing: number
  /** Genres that both runs have, with their F1, and the movies for which the runs differ in the genre. */
  readonly perGenre: readonly {
    readonly genre: string
    readonly support: number
    readonly old: number
    readonly new: number
    readonly differing: number
  }[]
}

/** One run's predictions for a typed-in plot. */
export interface TextPrediction {
  readonly run: number
  readonly name: string
  readonly family: RunConfig['family']
  readonly genres: readonly (Genre & { readonly probability: number; readonly threshold: number; readonly predicted: boolean })[]
  /** Why this run cannot predict; null if it can. */
  readonly problem: string | null
}
