/**
 * Why the bundler will not take a file or an import, in words for the plugin's
 * author. Its text names plugin-relative paths only, never a path of the host.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly remedy: string
  /** Plugin-relative file at fault, when it is not the importing one. */
  readonly file: string | undefined
  constructor(message: string, remedy: string, file?: string) {
    super(message)
    this.remedy = remedy
    this.file = file
  }
}
