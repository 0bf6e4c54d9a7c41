// What a page does beside what it does without this: nothing here is needed to do any work.
"use strict";

const LIVE_MS = 5000;
const SIGN_IN = `/console/sign-in?back=${encodeURIComponent(location.pathname + location.search)}`;
const ASKED_BEFORE_LISTENING = 12;
const AWAY = "Carelane does not answer at the moment; these figures are old. Trying again.";

// Each part that renews itself keeps its place; one that somebody is in (focus, an open table) is left alone.
function renew(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const newer = fresh.getElementById(part.id);
    if (newer === null || part.contains(document.activeElement)) continue;
    const open = [...part.querySelectorAll("details[open]")].map((one) => one.id);
    part.replaceChildren(...newer.childNodes);
    for (const id of open) part.querySelector(`#${id}`)?.setAttribute("open", "");
  }
}

const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

async function read(address, options) {
  const answer = await fetch(address, { credentials: "same-origin", ...options });
  if (answer.redirected && answer.url.includes("/sign-in")) throw new Error("signed-out");
  if (!answer.ok) throw new Error(String(answer.status));
  return parsed(await answer.text());
}

// What stands there already is not told again: a screen reader would say it each time.
function tell(note, words, address) {
  if (note.textContent !== words) note.textContent = words;
  if (address) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = "Sign in";
    note.append(" ", link);
  }
}

const standing = (note, words) => (note.dataset.liveUntil ? "Renews itself until it is done." : words);

// Some pages renew themselves for ever, some until what they show is done; that is then told aloud. Whether it is.
function show(note, fresh, words) {
  const { liveUntil } = note.dataset;
  const isOver = Boolean(liveUntil) && fresh.querySelector(liveUntil) !== null;
  const told = fresh.querySelector("main h2")?.textContent ?? ""; // before it is moved into this page
  renew(fresh);
  tell(note, isOver ? told : standing(note, words));
  return isOver;
}

async function ask(note) {
  for (let asked = 0; asked < ASKED_BEFORE_LISTENING; asked += 1) {
    try {
      if (!document.hidden && show(note, await read(note.dataset.liveFrom), "Renews itself every five seconds.")) return;
    } catch (problem) {
      if (problem.message === "signed-out") return tell(note, "Your session has ended; these figures are old.", SIGN_IN);
      tell(note, AWAY);
    }
    await new Promise((done) => setTimeout(done, LIVE_MS));
  }
  listen(note);
}

// Where the server cannot tell what changes, or ends it, the page asks, and after a minute listens again. One that
// nobody sees holds no place.
function listen(note) {
  if (document.hidden) return document.addEventListener("visibilitychange", () => listen(note), { once: true });
  const source = new EventSource(note.dataset.liveFrom);
  let late;
  const stop = () => {
    source.close();
    clearTimeout(late);
    document.removeEventListener("visibilitychange", rest);
  };
  const rest = () => {
    stop();
    listen(note);
  };
  document.addEventListener("visibilitychange", rest);
  source.onopen = () => {
    clearTimeout(late);
    late = undefined;
    tell(note, standing(note, "Renews itself."));
  };
  source.onmessage = (event) => show(note, parsed(event.data), "Renews itself.") && stop();
  source.addEventListener("away", () => tell(note, AWAY));
  source.addEventListener("ended", () => {
    stop();
    ask(note);
  });
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) {
      late ??= setTimeout(() => tell(note, AWAY), LIVE_MS);
      return;
    }
    stop();
    ask(note);
  };
}

// An act on many events goes on while its page is open.
async function carryOn(form) {
  const note = document.getElementById("act-note");
  for (let last = null; form !== null; form = document.querySelector("form[data-steps]")) {
    try {
      const fresh = await read(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      for (const part of document.querySelectorAll("[data-step]")) {
        const newer = fresh.getElementById(part.id);
        if (newer !== null) part.replaceChildren(...newer.childNodes);
      }
      last = null;
    } catch (problem) {
      if (problem.message === "signed-out") return tell(note, "Your session has ended. What is done is done, the rest waits.", SIGN_IN);
      if (last !== null) return tell(note, "It stopped, for Carelane does not answer. Press “Go on” to try again.");
      last = problem;
      await new Promise((done) => setTimeout(done, 3000));
    }
  }
}

const note = document.getElementById("live-note");
if (note !== null) listen(note);
const steps = document.querySelector("form[data-steps]");
if (steps !== null) carryOn(steps);
