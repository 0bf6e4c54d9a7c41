-- wrk's side of bench/load.py: each request is put together from the prepared template and the next record of a file,
-- so that nothing is signed while the clock runs. Arguments: the template, the records, where to write the result.
local template, records, result
local parts, places = {}, {}
local sub, concat = string.sub, table.concat

function setup(thread)
    thread:set("started", true)
end

function init(arguments)
    template = dofile(arguments[1])
    records = assert(io.open(arguments[2], "rb"))
    for position, piece in ipairs(template.pieces) do
        parts[2 * position - 1] = piece
    end
    for position, place in ipairs(template.places) do
        places[position] = place
        parts[2 * position] = ""
    end
end

function request()
    local record = records:read(template.record_bytes)
    if not record or #record < template.record_bytes then
        -- More was asked for than was prepared: the thread ends, and what it did until now counts.
        wrk.thread:stop()
        return concat(parts)
    end
    for position, place in ipairs(places) do
        parts[2 * position] = sub(record, place[1], place[2])
    end
    return concat(parts)
end

function done(summary, latency, _)
    local errors = summary.errors
    io.write(string.format(
        '\n{"answered": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50": %d, "p95": %d, "p99": %d, "max": %d}\n',
        summary.requests, summary.duration, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(95), latency:percentile(99), latency.max))
end
