/**
 * What the host asks the bundler child (workers/bundler.ts) and what it answers:
 * one JSON line each way over its standard streams. The child reads untrusted
 * files, so the host checks the shape of an answer before it uses it.
 */
export interface BundleJob {
  /** Absolute path of the plugin's directory. */
  readonly dir: string
  /** Entry module, relative to `dir`, `/` between segments. */
  readonly main: string
  readonly name: string
  /** Bytes of all files read, package.json files included. */
  readonly maxBytes: number
  readonly maxFiles: number
}

/** One path looked at, relative to the plugin's directory: what was there and, links followed, where it really is. */
export interface Probe {
  readonly path: string
  readonly kind: 'none' | 'file' | 'directory' | 'other'
  /** Real path relative to the plugin's directory; '' for the directory itself and for `none`. */
  readonly real: string
}

/** One file read, by its real path relative to the plugin's directory. */
export interface FileRead {
  readonly path: string
  readonly bytes: number
  /** `sha256-` and base64. */
  readonly sha256: string
}

/** A built-in the plugin imports: its name without `node:`, and the plugin-relative `file:line` that does. */
export interface ModuleUse {
  readonly name: string
  readonly importer: string
}

/** A refusal, without any path of the host in it. */
export interface BundleFault {
  /** Plugin-relative file. */
  readonly file: string
  /** From 1; 0 when no line is known. */
  readonly line: number
  /** From 1; 0 when no column is known. */
  readonly column: number
  readonly message: string
  readonly remedy: string
}

export type BundleAnswer =
  | {
      readonly ok: true
      readonly code: string
      /** Source map v3 as JSON. */
      readonly map: string
      readonly modules: readonly ModuleUse[]
      readonly probes: readonly Probe[]
      readonly files: readonly FileRead[]
    }
  | { readonly ok: false; readonly faults: readonly BundleFault[] }
