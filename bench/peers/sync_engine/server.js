// stripe-sync-engine behind Fastify, as the server that its authors ship has it: the event is processed in the request.
// Two processes share the port. Settings: PORT, DATABASE_URL, WEBHOOK_SECRET.
'use strict'

const cluster = require('node:cluster')
const { StripeSync, runMigrations } = require('@supabase/stripe-sync-engine')
const Fastify = require('fastify')

const PROCESSES = 2
const CONNECTIONS = 10

async function serve() {
  const sync = new StripeSync({
    poolConfig: { connectionString: process.env.DATABASE_URL, max: CONNECTIONS, keepAlive: true },
    stripeSecretKey: 'sk_test_unused',
    stripeWebhookSecret: process.env.WEBHOOK_SECRET,
    // Both would ask Stripe's API, which is not here.
    autoExpandLists: false,
    backfillRelatedEntities: false,
  })
  const app = Fastify({ logger: { level: 'error' } })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.post('/api/webhooks/stripe', async (request) => {
    await sync.processWebhook(request.body, request.headers['stripe-signature'])
    return { received: true }
  })
  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
}

async function start() {
  const logger = { info() {}, error: console.error }
  await runMigrations({ databaseUrl: process.env.DATABASE_URL, schema: 'stripe', logger })
  for (let started = 0; started < PROCESSES; started += 1) cluster.fork()
}

if (cluster.isPrimary) start()
else serve()
