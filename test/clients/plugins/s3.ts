/** What a plugin does with `@aws-sdk/client-s3` and the uploads of `@aws-sdk/lib-storage`. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { PluginDefinition } from 'bulkhead/plugin'
import { serveCases, type Cases } from './serve-cases.js'

export interface S3Facts {
  readonly port: number
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const PIECE = 256 * 1024
const PIECES = 44 // 11 MiB: two parts of 5 MiB and one of 1

function clientOf({ port, accessKeyId, secretAccessKey }: S3Facts): S3Client {
  return new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  })
}

function* pieces(): Generator<Buffer> {
  for (let n = 0; n < PIECES; n += 1) yield Buffer.alloc(PIECE, n)
}

function digest(chunks: Iterable<Uint8Array>): string {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

const cases: Cases<S3Facts> = {
  async put(facts) {
    const put = new PutObjectCommand({
      Bucket: facts.bucket,
      Key: 'books/moby-dick.txt',
      Body: 'Call me Ishmael. Some years ago…',
      ContentType: 'text/plain',
      Metadata: { author: 'melville' },
    })
    const { ETag } = await clientOf(facts).send(put)
    return { hasTag: /^"[0-9a-f]{32}"$/.test(ETag ?? '') }
  },
  async get(facts) {
    const get = new GetObjectCommand({ Bucket: facts.bucket, Key: 'books/moby-dick.txt' })
    const { Body, ContentType, ContentLength, Metadata } = await clientOf(facts).send(get)
    return {
      text: (await Body?.transformToString()) ?? '',
      type: ContentType ?? '',
      length: ContentLength ?? -1,
      author: Metadata?.['author'] ?? '',
    }
  },
  async range(facts) {
    const get = new GetObjectCommand({
      Bucket: facts.bucket,
      Key: 'books/moby-dick.txt',
      Range: 'bytes=8-14',
    })
    const { Body, ContentRange } = await clientOf(facts).send(get)
    return { text: (await Body?.transformToString()) ?? '', range: ContentRange ?? '' }
  },
  async multipart(facts) {
    const client = clientOf(facts)
    const target = { Bucket: facts.bucket, Key: 'books/large' }
    const upload = new Upload({
      client,
      params: { ...target, Body: Readable.from(pieces()) },
      partSize: 5 * 1024 * 1024,
      queueSize: 2,
    })
    const parts = new Set<number>()
    upload.on('httpUploadProgress', ({ part }) => void parts.add(part ?? -1))
    await upload.done()
    const { ContentLength } = await client.send(new HeadObjectCommand(target))
    return { parts: parts.size, length: ContentLength ?? -1 }
  },
  async stream(facts) {
    const get = new GetObjectCommand({ Bucket: facts.bucket, Key: 'books/large' })
    const { Body } = await clientOf(facts).send(get)
    const hash = createHash('sha256')
    let chunks = 0
    for await (const chunk of Body as Readable) {
      hash.update(chunk as Uint8Array)
      chunks += 1
    }
    return { same: hash.digest('hex') === digest(pieces()), inPieces: chunks > 1 }
  },
  async list(facts) {
    const list = new ListObjectsV2Command({ Bucket: facts.bucket, Prefix: 'books/' })
    const { Contents = [] } = await clientOf(facts).send(list)
    return Contents.map(({ Key, Size }) => [Key ?? '', Size ?? -1])
  },
  async delete(facts) {
    const client = clientOf(facts)
    const target = { Bucket: facts.bucket, Key: 'books/moby-dick.txt' }
    await client.send(new DeleteObjectCommand(target))
    await client.send(new GetObjectCommand(target))
    return 'it is still there'
  },
  async concurrent(facts) {
    const client = clientOf(facts)
    const keys = Array.from({ length: 10 }, (_, n) => `many/${n}`)
    const params = { Bucket: facts.bucket }
    await Promise.all(keys.map((Key) => client.send(new PutObjectCommand({ ...params, Key, Body: Key }))))
    const texts = keys.map(async (Key) => {
      const { Body } = await client.send(new GetObjectCommand({ ...params, Key }))
      return (await Body?.transformToString()) === Key
    })
    client.destroy()
    return (await Promise.all(texts)).every(Boolean)
  },
}

const plugin: PluginDefinition = serveCases(cases)
export default plugin
