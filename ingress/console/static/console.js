// What a page does beside what it does without this: nothing here is needed to do any work.
"use strict";

const LIVE_MS = 5000;
const SIGN_IN = `/console/sign-in?back=${encodeURIComponent(location.pathname + location.search)}`;

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

async function read(address, options) {
  const answer = await fetch(address, { credentials: "same-origin", ...options });
  if (answer.redirected && answer.url.includes("/sign-in")) throw new Error("signed-out");
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function tell(note, words, address) {
  note.textContent = words;
  if (address) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = "Sign in";
    note.append(" ", link);
  }
}

// Some pages renew themselves for ever, some until what they show is done; that is then told aloud.
async function watch(note) {
  const { liveFrom, liveUntil, liveMs } = note.dataset;
  const words = liveUntil ? "Renews itself until it is done." : "Renews itself every five seconds.";
  note.textContent = words;
  for (;;) {
    await new Promise((done) => setTimeout(done, Number(liveMs) || LIVE_MS));
    if (document.hidden) continue;
    try {
      const fresh = await read(liveFrom);
      const isOver = liveUntil && fresh.querySelector(liveUntil) !== null;
      const told = fresh.querySelector("main h2")?.textContent ?? ""; // before it is moved into this page
      renew(fresh);
      if (isOver) return tell(note, told);
      note.textContent = words;
    } catch (problem) {
      if (problem.message === "signed-out") return tell(note, "Your session has ended; these figures are old.", SIGN_IN);
      note.textContent = "Carelane does not answer at the moment; these figures are old. Trying again.";
    }
  }
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
if (note !== null) watch(note);
const steps = document.querySelector("form[data-steps]");
if (steps !== null) carryOn(steps);
