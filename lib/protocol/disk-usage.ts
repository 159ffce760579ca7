/** What one entry of a data directory counts as, on both sides of the boundary. Pure. */

/** `blocks` of a stat is in units of this, whatever the file system's own block is (stat(2)). */
const STAT_BLOCK_BYTES = 512
/** An empty file or directory takes an inode: without this a plugin could make them without end. */
export const ENTRY_BYTES = 4096

export function diskBytes(blocks: number): number {
  return Math.max(ENTRY_BYTES, blocks * STAT_BLOCK_BYTES)
}

/** Of a mode: the owner may list a directory, and look at what is in it. */
const LISTED = 0o500

/** Whether a directory can be measured; its owner, the plugin, decides about that. */
export function isListed(mode: number): boolean {
  return (mode & LISTED) === LISTED
}
