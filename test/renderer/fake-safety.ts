/** Backups, salvage and the export of everything, as the fake engine has them. */
import type { Backup, BackupList, EverythingReport, SalvageReport } from '../../src/contract/safety.ts'

const backup = (day: number, reason: Backup['reason'], more: Partial<Backup> = {}): Backup => {
  const at = `2026-01-${String(day).padStart(2, '0')}T10:00:00.000Z`
  const name = `Sample ${at.slice(0, 10)} ${reason}.reel`
  return {
    name,
    path: `/p/Sample backups/${name}`,
    at,
    reason,
    bytes: 1_400_000 + day * 10_000,
    kind: 'whole',
    holds: { movies: 420, batches: day * 7, lastAt: at },
    ...more,
  }
}
export const backupList: BackupList = {
  folder: '/p/Sample backups',
  backups: [
    backup(9, 'hourly', { kind: 'decisions', bytes: 18_000 }),
    backup(8, 'before-merge'),
    backup(7, 'daily'),
    backup(3, 'asked', { holds: null }),
  ],
  bytes: 4_400_000,
  automatic: true,
}
export const newBackup = (): Backup => backup(10, 'asked')
export const salvageReport: SalvageReport = {
  folder: '/p/Broken salvaged',
  tables: [
    { table: 'changes', rows: 61, lost: null },
    { table: 'movies', rows: 403, lost: '17 rows on two damaged pages' },
  ],
  project: '/p/Other.reel',
}
export const everything: EverythingReport = {
  folder: '/p/Sample everything',
  files: [
    { name: 'README.txt', bytes: 900, rows: null, file: 'f1' },
    { name: 'movies.csv', bytes: 180_000, rows: 420, file: 'f2' },
    { name: 'changes.csv', bytes: 9_000, rows: 61, file: 'f3' },
  ],
}
