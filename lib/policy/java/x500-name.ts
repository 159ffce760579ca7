export function normalizeX500Name(name: string): string | null {
  return name
}
