/** A run is wanted as long as its program renews the lease: cancelling gives it up, and that of a program that has ended expires. */
import { PREFIX, type Redis } from './connection.ts'

const keyOf = (run: string): string => `${PREFIX}:run:${run}`
/** Seconds. A program that sleeps or loses its connection for longer loses its run. */
const LEASE_S = 600

export const want = async (redis: Redis, run: string): Promise<void> => void (await redis.set(keyOf(run), '', 'EX', LEASE_S))
export const release = async (redis: Redis, run: string): Promise<void> => void (await redis.del(keyOf(run)))
export const isWanted = async (redis: Redis, run: string): Promise<boolean> => (await redis.exists(keyOf(run))) === 1
