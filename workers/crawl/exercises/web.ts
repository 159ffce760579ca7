/** The web platform: streams, Blob, and fetch of a server of the plugin's own. */
import { of, type Exercise } from './exercise.js'

export const WEB: readonly Exercise[] = [
  {
    covers: of(
      'stream/web',
      'ReadableStream ReadableByteStreamController ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableStreamDefaultReader TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController WritableStreamDefaultWriter ByteLengthQueuingStrategy CountQueuingStrategy CompressionStream DecompressionStream TextEncoderStream TextDecoderStream',
    ),
    run: `
      const web = require('stream/web'), { Readable, Writable, Duplex, PassThrough } = require('stream')
      const bytes = keep(new web.ReadableStream({
        type: 'bytes',
        pull(controller) { keep(this); keep(controller); keep(controller.byobRequest?.view); keep(controller.byobRequest)?.respond(1) },
      }))
      const reader = keep(bytes.getReader({ mode: 'byob' }))
      keep(await reader.read(new Uint8Array(4)))
      keep(reader.closed)
      keep(reader.cancel())
      const plain = keep(new web.ReadableStream({ pull(controller) { keep(controller).enqueue('text'); controller.close() } }))
      const [one, other] = keep(plain.tee())
      keep(await keep(one.getReader()).read())
      const transform = keep(new web.TransformStream({ transform(chunk, controller) { keep(this); keep(controller).enqueue(chunk) } }, keep(new web.CountQueuingStrategy({ highWaterMark: 1 }))))
      for await (const chunk of other.pipeThrough(transform)) keep(chunk)
      const into = keep(new web.WritableStream({ start: keep, write(chunk, controller) { keep(this); keep(controller) } }, keep(new web.ByteLengthQueuingStrategy({ highWaterMark: 9 }))))
      const writer = keep(into.getWriter())
      keep([writer.ready, writer.closed])
      keep(await writer.write(new Uint8Array(1)))
      keep(await writer.close())
      let packed = keep(new Blob(['text'])).stream()
      for (const step of [new web.TextDecoderStream(), new web.TextEncoderStream(), new web.CompressionStream('gzip'), new web.DecompressionStream('gzip')])
        packed = packed.pipeThrough(keep(step))
      for await (const chunk of packed) keep(chunk)
      keep(Readable.fromWeb(new web.ReadableStream({ start: (controller) => controller.close() })))
      keep(Readable.toWeb(Readable.from(['text'])))
      keep(Writable.toWeb(new PassThrough()))
      keep(Duplex.toWeb(new PassThrough()))`,
  },
  {
    covers: of('buffer', 'Blob File'),
    run: `
      const { Blob, File } = require('buffer'), file = keep(new File(['text', keep(new Blob([new Uint8Array(9)]))], 'name'))
      keep(await file.arrayBuffer())
      keep(await file.slice(1, 3).text())
      const form = keep(new FormData())
      form.append('file', file)
      for (const entry of form) keep(entry)
      const headers = keep(new Headers([['set-cookie', 'a=1']]))
      keep(headers.getSetCookie())
      keep(headers.entries())
      const request = keep(new Request('http://a.test', { method: 'POST', body: form, signal: new AbortController().signal }))
      keep([request.headers, request.signal, request.body])
      keep(await request.clone().formData())
      keep(await request.arrayBuffer())
      for (const make of [() => new Response('text'), () => Response.json({}), () => Response.error(), () => Response.redirect('http://a.test')]) keep(make())
      keep(await (await fetch('data:,text')).blob())
      for (const address of ['http://a.test:1', 'file:///plugin', 'blob:nothing', '://']) await fetch(address, { signal: AbortSignal.timeout(500) }).catch(keep)`,
  },
  {
    covers: ['http.createServer'],
    run: `
      const server = require('http').createServer((incoming, response) => {
        if (incoming.url === '/moved') response.writeHead(302, { location: '/' })
        incoming.resume().on('end', () => response.end('text'))
      })
      const listens = event(server, 'listening')
      server.listen(0, '127.0.0.1')
      await listens
      const url = 'http://127.0.0.1:' + server.address().port
      const response = keep(await fetch(url + '/moved'))
      keep(response.headers)
      for await (const chunk of keep(response.body)) keep(chunk)
      const form = new FormData()
      form.append('file', new Blob(['text']), 'name')
      keep(await keep(fetch(url, { method: 'POST', body: form })).then((sent) => sent.bytes?.() ?? sent.arrayBuffer()))
      const controller = new AbortController(), asked = fetch(url, { signal: controller.signal })
      controller.abort()
      await asked.catch(keep)
      server.close()
      server.closeAllConnections()
      await fetch(url).catch(keep)`,
  },
]
