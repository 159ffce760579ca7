/** HTTP and HTTPS: a server of the plugin's own and requests to it. */
import { MAKE_CERTIFICATE } from './certificate.js'
import { of, type Exercise } from './exercise.js'

export const HTTP: readonly Exercise[] = [
  {
    covers: of('http', 'validateHeaderName validateHeaderValue'),
    run: `
      const http = require('http')
      http.validateHeaderName('name')
      http.validateHeaderValue('name', 'value')`,
  },
  {
    covers: [
      ...of('http', 'request get createServer Server Agent ClientRequest IncomingMessage ServerResponse'),
      ...of('https', 'request get createServer Server Agent'),
    ],
    run: `${MAKE_CERTIFICATE}
      const own = makeCertificate()
      for (const [module, options] of [['http', {}], ['https', own]]) {
        const { createServer, Agent, request, get } = require(module)
        const server = keep(createServer(options, function (incoming, response) {
          keep(this)
          keep(keep(incoming).headers)
          keep(incoming.resume().socket)
          keep(response).setHeader('x-own', 'value')
          keep(response.getHeaders())
          response.writeContinue()
          response.addTrailers({ 'x-last': 'value' })
          response.write('text', keep)
          keep(response.end('more'))
        }))
        for (const name of ['connection', 'upgrade', 'clientError'])
          server.on(name, function (...values) { keep(this); keep(values); if (name === 'upgrade') values[1].destroy() })
        const listens = event(server, 'listening')
        keep(server.listen(0, '127.0.0.1'))
        await listens
        const { port } = server.address(), agent = keep(new Agent({ keepAlive: true }))
        const asked = { port, host: '127.0.0.1', servername: 'localhost', ca: own.cert, agent }
        for (const method of ['GET', 'POST']) {
          const asking = keep(request({ ...asked, method, headers: { 'x-asks': 'value' } }))
          for (const name of ['socket', 'continue', 'information']) asking.on(name, function (...values) { keep(this); keep(values) })
          const answers = event(asking, 'response')
          if (method === 'POST') asking.write('text')
          keep(asking.end())
          const response = keep(await answers)
          keep(response.rawHeaders)
          for await (const chunk of response) keep(chunk)
          keep(response.trailers)
        }
        keep([agent.sockets, agent.freeSockets, agent.requests])
        await event(keep(get({ ...asked, headers: { connection: 'upgrade', upgrade: 'other' } })), 'response').catch(keep)
        const ended = keep(get({ ...asked, signal: AbortSignal.abort() }))
        await event(ended, 'response').catch(keep)
        agent.destroy()
        server.close()
        server.closeAllConnections()
      }`,
  },
]
