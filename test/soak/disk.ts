/** Fills a disk to its last byte, and frees it again. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const CHUNKS: readonly Uint8Array[] = [1_048_576, 4096, 1].map((bytes) => new Uint8Array(bytes).fill(1))

/** @returns frees it */
export function fillDisk(dir: string): () => void {
  const path = join(dir, 'filler')
  const file = openSync(path, 'w')
  try {
    for (const chunk of CHUNKS) while (fits(file, chunk));
  } finally {
    closeSync(file)
  }
  return () => rmSync(path, { force: true })
}

function fits(file: number, chunk: Uint8Array): boolean {
  try {
    return writeSync(file, chunk) === chunk.length
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false
    throw error
  }
}
