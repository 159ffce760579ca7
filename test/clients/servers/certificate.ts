/** A certificate for 127.0.0.1 and localhost that signs itself, made by openssl for one test. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runChild } from './child.js'

export interface Certificate {
  /** PEM. */
  readonly certificate: string
  readonly certificateFile: string
  readonly keyFile: string
}

export async function makeCertificate(dir: string): Promise<Certificate> {
  const certificateFile = join(dir, 'certificate.pem')
  const keyFile = join(dir, 'key.pem')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  await runChild(['openssl', 'req', '-x509', '-days', '2', ...key, ...subject, '-out', certificateFile], dir)
  return { certificate: readFileSync(certificateFile, 'utf8'), certificateFile, keyFile }
}
