/** Queues: orders of the review list, each by a published measure. Window, command line and docs/queues.md show this table. */

export interface Queue {
  readonly title: string
  /** The movies that it puts first, in words. */
  readonly first: string
  /** Formula of a movie's score; the highest score comes first. docs/queues.md explains the symbols. */
  readonly formula: string
  readonly paper: string
}

const row = (title: string, first: string, formula: string, paper: string): Queue => ({ title, first, formula, paper })

/** Queues of one measure. */
export const SINGLE_QUEUES = {
  suspects: row(
    'Suspects',
    'Movies by the probability that a label is wrong or missing, the highest first.',
    '1 − Π_g (1 − P(label g is wrong))',
    'Reelabel: docs/label-quality.md',
  ),
  'least-confident': row(
    'Least confident',
    'Movies whose set of genres the model is least sure of.',
    '1 − Π_g max(p_g, 1 − p_g)',
    'Culotta and McCallum 2005; Settles and Craven 2008',
  ),
  cardinality: row(
    'Number of genres',
    'Movies with far more or fewer predicted genres than movies have on average.',
    '| |Ŷ| − mean |Y| |; ties: the smallest min p of Ŷ − max p outside Ŷ',
    'Li and Guo 2013',
  ),
  cvirs: row(
    'Inconsistent and uncertain (CVIRS)',
    'Movies whose predicted genres fit no movie, and of which the model is unsure.',
    's · v, with s = Σ_g (n − rank_g) / (k (n − 1)) and v = mean over Y of f(Ŷ, Y)',
    'Reyes, Morell and Ventura 2018',
  ),
  disagreement: row(
    'Disagreement of families',
    'Movies on which the newest runs of the model families differ most.',
    'Σ_g mean over families of KL(p_g of the family ‖ mean p_g)',
    'McCallum and Nigam 1998',
  ),
  rare: row(
    'Rare genres',
    'Movies that have, or are predicted to have, a rare genre; the most suspicious first within a genre.',
    'max over Y ∪ Ŷ of (largest support / support of g)',
    'Charte, Rivera, del Jesus and Herrera 2015',
  ),
  duplicates: row(
    'Duplicates in conflict',
    'Movies whose plot nearly repeats that of another movie with different genres.',
    'max over similar movies with cos ≥ 0.9 of cos · (1 − |Y ∩ Y′| / |Y ∪ Y′|)',
    'Jaccard 1912; similar movies: docs/numbers.md',
  ),
  'self-confidence': row(
    'Self-confidence (cleanlab)',
    'Movies with the label that the model believes least.',
    '1 − min_g q_g, with q_g = p_g for a label that the movie has, 1 − p_g for another one',
    'Northcutt, Jiang and Chuang 2021; cleanlab 2.9',
  ),
  ema: row(
    'Moving average (cleanlab)',
    'Movies with several labels that the model does not believe.',
    '1 − exponential moving average of the q_g from the highest to the lowest, α = 0.8',
    'Thyagarajan et al. 2022; cleanlab 2.9',
  ),
  softmin: row(
    'Soft minimum (cleanlab)',
    'Movies with a label that the model does not believe.',
    '1 − Σ_g w_g q_g / Σ_g w_g, with w_g = exp((1 − q_g) / 0.1)',
    'Thyagarajan et al. 2022; cleanlab 2.9',
  ),
  'confident-learning': row(
    'Confident learning (cleanlab)',
    'Movies with the most labels that confident learning counts as wrong; the lowest soft minimum first.',
    '|{g: the other class of g reaches its mean self-confidence and is likelier}|',
    'Northcutt, Jiang and Chuang 2021; cleanlab 2.9',
  ),
  random: row('Random', 'Movies in a random order, the same for the same seed.', 'a hash of the seed and the movie', 'MurmurHash3'),
} as const satisfies Readonly<Record<string, Queue>>
export type SingleQueue = keyof typeof SINGLE_QUEUES
export const SINGLE_QUEUE_NAMES = Object.keys(SINGLE_QUEUES) as [SingleQueue, ...SingleQueue[]]

export const QUEUES = {
  ...SINGLE_QUEUES,
  mixed: row(
    'Mixed',
    'Movies of several queues in turn, by shares; a movie comes once.',
    'position t: the queue with the largest share · t − movies taken from it',
    'Reelabel',
  ),
} as const
export type QueueName = keyof typeof QUEUES
export const QUEUE_NAMES = Object.keys(QUEUES) as [QueueName, ...QueueName[]]

/** Shares of a mixed queue; they need not sum up to 100. */
export type Mix = Partial<Readonly<Record<SingleQueue, number>>>
export const DEFAULT_MIX: Mix = { suspects: 50, random: 20, rare: 30 }
