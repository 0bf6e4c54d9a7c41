// A hand-written Fastify ingress: checks the signature, keeps the body once in PostgreSQL, queues its id with BullMQ,
// and answers 200 after both. Two processes share the port. Settings: PORT, DATABASE_URL, REDIS_URL, WEBHOOK_SECRET.
'use strict'

const cluster = require('node:cluster')
const { Queue } = require('bullmq')
const Fastify = require('fastify')
const Redis = require('ioredis')
const { Pool } = require('pg')
const Stripe = require('stripe')

const PROCESSES = 2
const CONNECTIONS = 10
const KEEP = {
  name: 'keep',
  text: `INSERT INTO inbox (event_id, account, livemode, type, api_version, occurred_at, object_id, body)
    VALUES ($1, $2, $3, $4, $5, to_timestamp($6), $7, $8)
    ON CONFLICT (event_id) DO NOTHING RETURNING id`,
}
const TABLE = `CREATE TABLE inbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id text NOT NULL UNIQUE, account text,
  livemode boolean, type text NOT NULL, api_version text, occurred_at timestamptz, object_id text,
  received_at timestamptz NOT NULL DEFAULT now(), body bytea NOT NULL)`
// The cheaper compression, where this server was built with it.
const HAS_LZ4 = "SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
const USE_LZ4 = 'ALTER TABLE inbox ALTER COLUMN body SET COMPRESSION lz4'

async function keep(pool, event, body) {
  const values = [
    event.id, event.account, event.livemode, event.type, event.api_version, event.created, event.data.object.id, body,
  ]
  const { rows } = await pool.query({ ...KEEP, values })
  return rows[0]?.id
}

async function serve() {
  const stripe = new Stripe('sk_test_unused')
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: CONNECTIONS })
  const connection = new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: 1 })
  const queue = new Queue('events', { connection, defaultJobOptions: { removeOnComplete: true } })
  const app = Fastify({ logger: { level: 'error' } })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.post('/api/webhooks/stripe', async (request, reply) => {
    let event
    try {
      event = stripe.webhooks.constructEvent(
        request.body, request.headers['stripe-signature'], process.env.WEBHOOK_SECRET)
    } catch {
      return reply.code(400).send({ error: 'INVALID_SIGNATURE' })
    }
    const id = await keep(pool, event, request.body)
    if (id !== undefined) await queue.add('event', { id })
    return { received: true, eventId: event.id }
  })
  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
}

async function start() {
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 1 })
  await pool.query(TABLE)
  if ((await pool.query(HAS_LZ4)).rowCount) await pool.query(USE_LZ4)
  await pool.end()
  for (let started = 0; started < PROCESSES; started += 1) cluster.fork()
}

if (cluster.isPrimary) start()
else serve()
