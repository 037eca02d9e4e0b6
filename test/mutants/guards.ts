/** A guard that is knocked out, and the test that must notice it. */
export type Guard = {
  what: string;
  /** Each `code` stands in its file once. */
  edits: readonly { file: string; code: string; without: string }[];
  /** `name` is a part of the test's name; `kills` is `ICEPACK_KILLS`. */
  proof: { file: string; name: string; kills?: number };
};

/** What stands between the operator and the faults that hurt most; each earns its place by a test that misses it. */
export const guards: readonly Guard[] = [
  {
    what: 'only a literal true accepts a host key',
    edits: [
      { file: 'src/ssh/host-keys.ts', code: 'verify(accepted === true)', without: 'verify(accepted as boolean)' },
    ],
    proof: { file: 'test/ssh/host-keys.test.ts', name: '(A04)' },
  },
  {
    what: 'people are told once an hour that nothing can be written',
    edits: [
      {
        file: 'src/watch/escalation/state-alarm.ts',
        code: 'if (!(await this.isDue(now))) return undefined;',
        without: '',
      },
    ],
    proof: { file: 'test/watch/escalation/state-alarm.test.ts', name: 'goes once an hour, also over a restart' },
  },
  {
    what: 'what could not be written down is followed again only where something can be written',
    edits: [{ file: 'src/watch/following.ts', code: 'await this.tools.watch.prove();', without: '' }],
    proof: { file: 'test/cli/watch-full-disk.test.ts', name: 'tells people once, and opens its incident' },
  },
  {
    what: 'nobody is told while all of an incident is suppressed',
    edits: [
      {
        file: 'src/watch/escalation/due.ts',
        code: "const isPaging = standing.phase === 'firing' && standing.suppressed === undefined &&",
        without: "const isPaging = standing.phase === 'firing' &&",
      },
    ],
    proof: { file: 'test/watch/escalation/suppressed.test.ts', name: 'is told to nobody meanwhile' },
  },
  {
    what: 'what is suppressed no more is told again',
    edits: [{ file: 'src/watch/core/incidents.ts', code: "[{ do: 'release', incident }]", without: '[]' }],
    proof: { file: 'test/watch/incident-model.test.ts', name: 'pages pause while all that counts as bad' },
  },
  {
    what: 'no emergency that nobody has is silenced by the way',
    edits: [
      {
        file: 'src/watch/maintenance/silenced.ts',
        code: 'if (first === undefined) return;',
        without: 'if (first !== undefined) return;',
      },
    ],
    proof: { file: 'test/cli/maintenance.test.ts', name: 'is refused where nobody is asked, with the incident' },
  },
  {
    what: 'what flaps counts as bad until it is calm',
    edits: [
      {
        file: 'src/watch/core/incidents.ts',
        code: "if (entry.type === 'left' && !flapping.has(keyOf(entry.thing)))",
        without: "if (entry.type === 'left')",
      },
    ],
    proof: { file: 'test/watch/incident-model.test.ts', name: 'what flaps counts as bad until' },
  },
  {
    what: 'no redirect is followed',
    edits: [
      { file: 'src/helpdesk/http/http.ts', code: 'import { Agent,', without: 'import { interceptors, Agent,' },
      {
        file: 'src/helpdesk/http/http.ts',
        code: "dispatcher: call.method === 'POST' ? fresh : kept,",
        without:
          "dispatcher: (call.method === 'POST' ? fresh : kept).compose(interceptors.redirect({ maxRedirections: 5 })),",
      },
    ],
    proof: { file: 'test/helpdesk/rest.test.ts', name: '(F17)' },
  },
  {
    what: 'a weekly status is noted before it leaves',
    edits: [
      {
        file: 'src/state/weekly-journal.ts',
        code: "        await journal.write({ type: 'weekly-sending', week });\n",
        without: '',
      },
    ],
    proof: { file: 'test/cli/weekly.test.ts', name: 'killed while sending (W82)' },
  },
  {
    what: 'a weekly status that was sent is not sent again',
    edits: [{ file: 'src/state/weekly-journal.ts', code: 'if (wasSent && !again) return false;', without: '' }],
    proof: { file: 'test/state/watch-history.test.ts', name: 'what was sent is not' },
  },
  {
    what: 'what the own network took away was no server that is down',
    edits: [
      {
        file: 'src/weekly/lasting.ts',
        code: 'if (unclear) lasting.delete(keyOf(thing));',
        without: 'if (unclear) continue;',
      },
    ],
    proof: { file: 'test/weekly/gathered.test.ts', name: 'forgets what the own network took away' },
  },
  {
    what: 'no login goes to a mail server without TLS',
    edits: [{ file: 'src/notify/smtp.ts', code: 'requireTLS: !secure && !isHere', without: 'requireTLS: false' }],
    proof: { file: 'test/notify/smtp.test.ts', name: 'whose certificate nobody vouches for (W17)' },
  },
  {
    what: 'a mail that was handed over may have been sent',
    edits: [
      {
        file: 'src/notify/smtp-failure.ts',
        code: "const maybeSent = stage === 'data' && answered === undefined",
        without: "const maybeSent = stage === 'connect' && answered === undefined",
      },
    ],
    proof: { file: 'test/notify/smtp.test.ts', name: 'is the same when it is sent again (W18)' },
  },
  {
    what: 'a mail has a deadline of its own',
    edits: [{ file: 'src/notify/smtp.ts', code: 'setTimeout(late, withinMs)', without: 'setTimeout(late, never)' }],
    proof: { file: 'test/notify/smtp.test.ts', name: '(W19)' },
  },
  {
    what: 'a gateway means yes by its words only',
    edits: [
      {
        file: 'src/notify/gateway.ts',
        code: 'if (found !== undefined && values.includes(found)) continue;',
        without: 'if (values.length > 0) continue;',
      },
    ],
    proof: { file: 'test/notify/gateway.test.ts', name: 'though the status says yes (W20)' },
  },
  {
    what: 'a page lies in a spool once',
    edits: [{ file: 'src/notify/spool.ts', code: 'if (there !== undefined) return there;', without: 'void there;' }],
    proof: { file: 'test/notify/spool.test.ts', name: 'has a page once, however often it is sent' },
  },
  {
    what: 'a command has ended only when its exit status came',
    edits: [
      {
        file: 'src/ssh/exec.ts',
        code: 'if (exit === undefined) reject(',
        without:
          "if (exit === undefined) resolve({ file: 'src/ssh/exec.ts', code: 0, stdout: stdout(), stderr: '' }); else if (exit === null) reject(",
      },
    ],
    proof: { file: 'test/ssh/exec.test.ts', name: 'whose channel closes without an exit status was cut (B02)' },
  },
  {
    what: 'the bytes of a file are compared with what stat said',
    edits: [
      {
        file: 'src/ssh/files/sftp-download.ts',
        code: 'judge(compare(before && Math.max(0, before - source.from), bytes))',
        without: "judge({ kind: 'whole' })",
      },
    ],
    proof: { file: 'test/ssh/sftp-files.test.ts', name: '(C05)' },
  },
  {
    what: 'a listing has an end',
    edits: [{ file: 'src/ssh/files/sftp-files.ts', code: 'if (listed > maxEntries)', without: 'if (listed < 0)' }],
    proof: { file: 'test/ssh/sftp-files.test.ts', name: '(C13)' },
  },
  {
    what: 'a name is given once',
    edits: [{ file: 'src/domain/bundle-layout.ts', code: 'used.has(name.toLowerCase())', without: "used.has('/')" }],
    proof: { file: 'test/cli/hostile-appliance.test.ts', name: '(C10)' },
  },
  {
    what: 'what lies in the place of a file is not overwritten',
    edits: [
      {
        file: 'src/fs/durable.ts',
        code: 'else await linkOver(partial, path)',
        without: 'else await rename(partial, path)',
      },
    ],
    proof: { file: 'test/integration/downloads.test.ts', name: 'is put while it is written (C12)' },
  },
  {
    what: 'the request to register is in the journal before it leaves',
    edits: [
      {
        file: 'src/tickets/register.ts',
        code: "    await owner.journal.write({ type: 'registering', origin: desk.origin, reference: draft.reference });\n",
        without: '',
      },
    ],
    proof: { file: 'test/crash/ticket-sweep.test.ts', name: 'when a request has come' },
  },
  {
    what: 'a ticket of the same reference is looked for before one is made',
    edits: [
      {
        file: 'src/tickets/settle.ts',
        code: 'if (found.length <= 1) return found[0];',
        without: 'if (found.length >= 0) return undefined;',
      },
    ],
    proof: { file: 'test/crash/ticket-sweep.test.ts', name: 'when a request has come' },
  },
  {
    what: 'a ticket that is not found is waited for, as long as the help desk may need',
    edits: [{ file: 'src/tickets/settle.ts', code: 'if (waitMs > 0) {', without: 'if (waitMs < 0) {' }],
    proof: { file: 'test/crash/ticket-sweep.test.ts', name: 'when a request has come' },
  },
  {
    what: 'a ticket is in the journal as soon as it is known, before it is read back',
    edits: [
      {
        file: 'src/tickets/register.ts',
        code: "  await owner.journal.write({ type: 'created', origin: desk.origin, reference, id, key, url });\n",
        without: '',
      },
    ],
    proof: { file: 'test/helpdesk/settling.test.ts', name: 'is asked for one ticket, however often' },
  },
  {
    what: 'nothing is attached to a ticket that is not ours',
    edits: [
      {
        file: 'src/tickets/submit-by-api.ts',
        code: 'if (ticket.reference !== manifest.reference)',
        without: 'if (ticket.id === null)',
      },
      {
        file: 'src/tickets/register.ts',
        code: 'if (ticket.reference !== reference)',
        without: 'if (ticket.id === null)',
      },
    ],
    proof: { file: 'test/cli/help-desk-faults.test.ts', name: '(F33)' },
  },
  {
    what: 'the token is masked in what the help desk says',
    edits: [
      {
        file: 'src/helpdesk/http/http.ts',
        code: 'const text = mask(await readCapped(answer, call.maxAnswerBytes ?? usualAnswerBytes))',
        without: 'const text = await readCapped(answer, call.maxAnswerBytes ?? usualAnswerBytes)',
      },
    ],
    proof: { file: 'test/helpdesk/rest.test.ts', name: '(F24)' },
  },
  {
    what: 'a line without an end is not held',
    edits: [
      {
        file: 'src/logs/whole-lines.ts',
        code: 'if (this.restBytes <= maxHeldBytes) return;',
        without: 'if (this.restBytes > 0) return;',
      },
    ],
    proof: { file: 'test/logs/windows.test.ts', name: 'is held no further than its first MiB (D14)' },
  },
  {
    what: 'each step has its deadline',
    edits: [
      {
        file: 'src/servers/deadline.ts',
        code: 'setTimeout(() => deadline.abort(timedOut), ms)',
        without: 'setTimeout(() => undefined, ms)',
      },
    ],
    proof: { file: 'test/cli/cli-face.test.ts', name: 'costs each step its own time and no more' },
  },
  {
    what: 'an end before the end is a failure',
    edits: [{ file: 'bin/icepack.js', code: 'process.exitCode = 1;', without: 'process.exitCode = 0;' }],
    proof: { file: 'test/cli/process.test.ts', name: '(H05)' },
  },
  {
    what: 'folders and files are their owner’s, whatever the umask',
    edits: [{ file: 'src/cli.ts', code: 'process.umask(0o077);', without: '' }],
    proof: { file: 'test/cli/local-state.test.ts', name: 'also where the umask would keep out everybody (G04)' },
  },
  {
    what: 'a file is on the disk before it gets its name, and a line of the journal before the next step',
    edits: [
      {
        file: 'src/fs/durable.ts',
        code: 'await handle.sync();\n        await handle.close();',
        without: 'await handle.close();',
      },
      { file: 'src/fs/durable.ts', code: 'await handle.sync();\n      } catch', without: '} catch' },
    ],
    proof: { file: 'test/crash/state.test.ts', name: 'and never a damaged one (G02)', kills: 200 },
  },
  {
    what: 'a name is on the disk before the next step',
    edits: [{ file: 'src/fs/durable.ts', code: 'await folder.sync();', without: '' }],
    proof: { file: 'test/crash/state.test.ts', name: 'and never a damaged one (G02)' },
  },
  {
    what: 'what is said of an incident outlives a power failure',
    edits: [{ file: 'src/fs/durable.ts', code: 'await handle.sync();\n      } catch', without: '} catch' }],
    proof: { file: 'test/crash/watch-power.test.ts', name: 'an ack that was taken is kept' },
  },
  {
    what: 'an incident outlives a power failure, as its number does',
    edits: [{ file: 'src/state/incidents.ts', code: 'await syncFolder(dirname(to));', without: '' }],
    proof: { file: 'test/crash/watch-power.test.ts', name: 'what left the machine is known' },
  },
  {
    what: 'what others put in the place of what people said is not read',
    edits: [
      {
        file: 'src/state/incidents.ts',
        code: 'if (found.isFile() && isOurs && found.size <= mostSaidBytes) return found.size;',
        without: 'if (isOurs) return found.size;',
      },
    ],
    proof: { file: 'test/state/foreign-files.test.ts', name: 'is refused and named, and the others go on' },
  },
  {
    what: 'what several processes write is read through no link',
    edits: [
      {
        file: 'src/fs/own-file.ts',
        code: 'constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK',
        without: 'constants.O_RDONLY | constants.O_NONBLOCK',
      },
    ],
    proof: { file: 'test/state/foreign-files.test.ts', name: 'silences nothing, and is named' },
  },
  {
    what: 'an incident that cannot be read ends no watch',
    edits: [
      {
        file: 'src/watch/incident/incidents.ts',
        code: 'return this.leaveAlone(error); // until it can be read again',
        without: 'throw error;',
      },
    ],
    proof: { file: 'test/watch/follow-up.test.ts', name: '(W60, W76)' },
  },
  {
    what: 'an incident that cannot be read is told once a day',
    edits: [
      {
        file: 'src/watch/escalation/damage-alarm.ts',
        code: 'if (isEarly && damaged.every((each) => before.damaged.includes(each))) return undefined;',
        without: '',
      },
    ],
    proof: { file: 'test/watch/escalation/damage-alarm.test.ts', name: 'is told once a day' },
  },
  {
    what: 'a password is tried once',
    edits: [
      {
        file: 'src/ssh/auth.ts',
        code: 'isPassword(method) && !partial && this.#triedPassword',
        without: 'isPassword(method) && partial && this.#triedPassword',
      },
    ],
    proof: { file: 'test/ssh/auth.test.ts', name: '(A16)' },
  },
  {
    what: 'no help desk makes us wait for ever',
    edits: [
      { file: 'src/tickets/retry.ts', code: 'return leftMs < 0 ? undefined : waitMs;', without: 'return waitMs;' },
    ],
    proof: { file: 'test/helpdesk/settling.test.ts', name: 'again and again is waited for two minutes at most (F13)' },
  },
  {
    what: 'what is attached is what was written',
    edits: [
      {
        file: 'src/tickets/zip-run.ts',
        code: 'if (found?.sha256 === before.sha256)',
        without: 'if (found !== undefined)',
      },
      {
        file: 'src/tickets/attach.ts',
        code: 'if (found.sha256 === zip.sha256) return;',
        without: 'if (found.bytes >= 0) return;',
      },
    ],
    proof: { file: 'test/cli/bundle-kept.test.ts', name: '(E12)' },
  },
  {
    what: 'a damaged journal is not believed',
    edits: [
      { file: 'src/state/journal.ts', code: 'if (sumOf(text) !== sum?.[1]) throw damaged(location);', without: '' },
    ],
    proof: { file: 'test/state/journal-damage.test.ts', name: '(G01)' },
  },
  {
    what: 'secrets are masked in every line of the trace',
    edits: [{ file: 'src/context/trace-file.ts', code: 'redactText(text, secrets)', without: 'text' }],
    proof: { file: 'test/context/trace-file.test.ts', name: 'masks the secrets that are known by then' },
  },
  {
    what: 'a trace that is full is renamed by one run alone',
    edits: [{ file: 'src/fs/turning-file.ts', code: 'if (!taken(claim)) return;', without: 'taken(claim);' }],
    proof: { file: 'test/fs/turning-file.test.ts', name: 'is not turned by two' },
  },
  {
    what: 'completions get plain names only',
    edits: [{ file: 'src/context/keep-names.ts', code: "plainName.test(name ?? '')", without: 'true' }],
    proof: { file: 'test/manual/completion.test.ts', name: 'are plain names, whatever lies in the state folder' },
  },
  {
    what: 'a search that ServiceNow did not carry out is no answer',
    edits: [
      {
        file: 'src/helpdesk/servicenow/desk.ts',
        code: 'if (!rows.every(isMeant)) throw',
        without: 'if (rows.length < 0) throw',
      },
    ],
    proof: { file: 'test/helpdesk/servicenow-instance.test.ts', name: 'finds everything' },
  },
  {
    what: 'a ticket that ServiceNow counts and hides is there',
    edits: [
      {
        file: 'src/helpdesk/servicenow/http.ts',
        code: 'Math.max(Math.min(counted, limit) - shown, 0)',
        without: '0',
      },
    ],
    proof: { file: 'test/helpdesk/servicenow-instance.test.ts', name: 'never means that there is none (trap 2)' },
  },
  {
    what: 'a page of an instance that sleeps is not "nothing was registered"',
    edits: [
      {
        file: 'src/helpdesk/servicenow/http.ts',
        code: "call.safe || status >= 300 ? 'unavailable' : 'outcome-unknown'",
        without: "call.safe || status >= 200 ? 'unavailable' : 'outcome-unknown'",
      },
    ],
    proof: { file: 'test/helpdesk/servicenow-instance.test.ts', name: 'that is asleep is said to be' },
  },
  {
    what: 'a comment that could not be found again is not written',
    edits: [
      {
        file: 'src/helpdesk/servicenow/journal.ts',
        code: 'if (journal[isPublic ? publicField : internalField] === undefined)',
        without: 'if (journal[isPublic ? publicField : internalField] === null)',
      },
    ],
    proof: { file: 'test/helpdesk/servicenow.test.ts', name: 'where it could not be found again (trap 7)' },
  },
  {
    what: 'a state is what is read back',
    edits: [
      {
        file: 'src/helpdesk/servicenow/desk.ts',
        code: 'if (after.state !== to) throw',
        without: "if (after.state === 'other') throw",
      },
    ],
    proof: {
      file: 'test/helpdesk/servicenow.test.ts',
      name: 'is not believed when a rule makes another one of it (trap 4)',
    },
  },
  {
    what: 'Redmine has no ticket only where it knows us',
    edits: [
      {
        file: 'src/helpdesk/redmine/api.ts',
        code: 'if (found.issues.length === 0) await this.user(signal);',
        without: '',
      },
    ],
    proof: { file: 'test/helpdesk/redmine.test.ts', name: 'shows an empty list, which is not taken for' },
  },
  {
    what: 'what Redmine finds by our reference has it',
    edits: [
      {
        file: 'src/helpdesk/redmine/desk.ts',
        code: 'if (values.some((value) =>',
        without: 'if (values.length < 0 && values.some((value) =>',
      },
    ],
    proof: { file: 'test/helpdesk/redmine.test.ts', name: 'shows all tickets, of which none is taken for ours' },
  },
  {
    what: 'a change of state that Redmine answers with 204 is read back',
    edits: [
      {
        file: 'src/helpdesk/redmine/states.ts',
        code: 'if (stateOf(after.status, states) === to) return after;',
        without: 'if (after.id > 0) return after;',
      },
    ],
    proof: { file: 'test/helpdesk/redmine.test.ts', name: 'that its workflow forbids is answered with 204' },
  },
  {
    what: 'text of a server is no markup in Redmine',
    edits: [
      {
        file: 'src/helpdesk/redmine/text.ts',
        code: "return text.replace(/<(?=\\/?(?:code|pre|kbd|notextile))/giu, '< ');",
        without: 'return text;',
      },
    ],
    proof: { file: 'test/helpdesk/redmine.test.ts', name: 'no markup, no link, no macro' },
  },
  {
    what: 'what Redmine took is looked for at the ticket',
    edits: [{ file: 'src/helpdesk/redmine/notes.ts', code: 'if (what !== undefined)', without: 'if (what === null)' }],
    proof: { file: 'test/helpdesk/redmine.test.ts', name: 'or a comment that is taken and not there is a failure' },
  },
  {
    what: 'Zendesk that ignores a reference is not taken for one without the ticket',
    edits: [
      {
        file: 'src/helpdesk/zendesk/desk.ts',
        code: 'if (!tickets.every((each) => isAsked(each.external_id)))',
        without: 'if (false)',
      },
    ],
    proof: { file: 'test/helpdesk/zendesk.test.ts', name: 'that is ignored in a question means a failure' },
  },
  {
    what: 'an answer of Zendesk to nobody is not taken for ours',
    edits: [{ file: 'src/helpdesk/zendesk/check.ts', code: 'if (user.id === null) throw nobody(api);', without: '' }],
    proof: { file: 'test/helpdesk/zendesk.test.ts', name: 'does not take an answer to nobody for ours' },
  },
  {
    what: 'a comment that reaches Zendesk late is not written twice',
    edits: [
      {
        file: 'src/helpdesk/zendesk/desk.ts',
        code: 'const stamp = ifRevision ?? ticket.revision;',
        without: 'const stamp = ifRevision;',
      },
    ],
    proof: { file: 'test/helpdesk/zendesk-changes.test.ts', name: 'that arrives late, after it was looked for' },
  },
  {
    what: 'a file that Zendesk took is read back',
    edits: [
      {
        file: 'src/helpdesk/zendesk/desk.ts',
        code: 'if (!isAttached(after.ticket.files, bundle))',
        without: 'if (false)',
      },
    ],
    proof: { file: 'test/helpdesk/zendesk-changes.test.ts', name: 'whose token is ignored with 200 is missed' },
  },
  {
    what: 'Zendesk shows the words of a device as they are',
    edits: [{ file: 'src/helpdesk/zendesk/text.ts', code: '/[&<>{]/g', without: '/[&<>]/g' }],
    proof: { file: 'test/helpdesk/zendesk.test.ts', name: 'shows the words of a device as they are' },
  },
  {
    what: 'jira: an expired token, which is answered as anybody, is no empty list',
    edits: [
      {
        file: 'src/helpdesk/jira/api.ts',
        code: "if (login.includes('AUTHENTICATED_FAILED') && status !== 401)",
        without: "if (login === 'never')",
      },
    ],
    proof: { file: 'test/helpdesk/jira.test.ts', name: 'that has expired is no empty answer' },
  },
  {
    what: 'jira: a ticket that search does not show yet is looked for by key',
    edits: [
      { file: 'src/helpdesk/jira/references.ts', code: ', ...(await this.madeSince(reference, signal))', without: '' },
    ],
    proof: { file: 'test/helpdesk/jira.test.ts', name: 'does not hide a ticket whose answer was lost' },
  },
  {
    what: 'jira: a file that was answered as taken is read back',
    edits: [
      {
        file: 'src/helpdesk/jira/desk.ts',
        code: 'if (isAttached(files, bundle)) return;',
        without: 'if (files.length >= 0) return;',
      },
    ],
    proof: { file: 'test/helpdesk/jira.test.ts', name: 'that was answered as taken and is' },
  },
  {
    what: 'jira: text of a device does not end the block that it is in',
    edits: [
      {
        file: 'src/helpdesk/jira/text.ts',
        code: "return text.replace(/\\{(?=noformat)/gi, '{ ');",
        without: 'return text;',
      },
    ],
    proof: { file: 'test/helpdesk/jira.test.ts', name: '(F26)' },
  },
  {
    what: 'jira: work that was logged is looked for before it is logged',
    edits: [{ file: 'src/helpdesk/jira/worklog.ts', code: 'if (await isThere()) return undefined;', without: '' }],
    proof: { file: 'test/helpdesk/jira.test.ts', name: 'are found on a later page of the work that was logged' },
  },
  {
    what: 'redmine: spent time is looked for where who may not see it is told so',
    edits: [
      {
        file: 'src/helpdesk/redmine/api.ts',
        code: '/time_entries`, asked)',
        without: "/time_entries`.replace(/^.*\\//, ''), asked)",
      },
    ],
    proof: { file: 'test/helpdesk/redmine.test.ts', name: 'without the right to see them' },
  },
  {
    what: 'the same hours are not written with other words',
    edits: [
      {
        file: 'src/ticket-desk/close.ts',
        code: 'if (told) return',
        without: 'if (told && hours === -1) return',
      },
    ],
    proof: { file: 'test/ticket-desk/exactly-once.test.ts', name: 'are told once, whatever words' },
  },
  {
    what: 'bundles: a name may not lead out of the folder',
    edits: [
      {
        file: 'src/bundle/archive/names.ts',
        code: "if (parts.includes('..')) return",
        without: 'if (parts.length < 0) return',
      },
      {
        file: 'src/bundle/archive/names.ts',
        code: 'if (parts.some((part) => /[. ]$/.test(part))) return',
        without: 'if (parts.length < 0) return',
      },
    ],
    proof: { file: 'test/bundle/archive.test.ts', name: 'is told to be unsafe (V01' },
  },
  {
    what: 'bundles: two names are not one file',
    edits: [
      {
        file: 'src/bundle/archive/judge.ts',
        code: 'if (next.key === key) flaws.add',
        without: "if (next.key === '') flaws.add",
      },
    ],
    proof: { file: 'test/bundle/archive.test.ts', name: 'is told to be unsafe (V01' },
  },
  {
    what: 'bundles: no byte belongs to two entries',
    edits: [
      {
        file: 'src/bundle/archive/judge.ts',
        code: 'if (place.from < end) flaws.add',
        without: 'if (place.from < 0) flaws.add',
      },
    ],
    proof: { file: 'test/bundle/archive.test.ts', name: 'is told to be unsafe (V01' },
  },
  {
    what: 'bundles: what would fill memory and disks is refused',
    edits: [
      {
        file: 'src/bundle/archive/limits.ts',
        code: 'return bytes > limits.freeBytes && bytes',
        without: 'return bytes < 0 && bytes',
      },
    ],
    proof: { file: 'test/bundle/archive.test.ts', name: 'is told to be unsafe (V01' },
  },
  {
    what: 'bundles: a link is no file',
    edits: [
      {
        file: 'src/bundle/archive/kinds.ts',
        code: 'if (kinds.includes(format.link) ||',
        without: 'if (kinds.includes(-1) ||',
      },
    ],
    proof: { file: 'test/bundle/archive.test.ts', name: 'is told to be unsafe (V01' },
  },
  {
    what: 'bundles: an entry has one name',
    edits: [
      {
        file: 'src/bundle/archive/local-header.ts',
        code: 'if (!name.equals(entry.rawName)) return',
        without: 'if (name.length < 0) return',
      },
    ],
    proof: { file: 'test/bundle/archive.test.ts', name: 'is told to be unsafe (V01' },
  },
  {
    what: 'bundles: an entry ends at its size',
    edits: [
      {
        file: 'src/bundle/archive/content.ts',
        code: 'if (bytes > entry.bytes) throw',
        without: 'if (bytes < 0) throw',
      },
    ],
    proof: { file: 'test/bundle/archive.test.ts', name: 'gives no more than is sure (V02 V04)' },
  },
  {
    what: 'bundles: an entry has the CRC it says',
    edits: [
      { file: 'src/bundle/archive/content.ts', code: 'if (sum !== entry.crc32) throw', without: 'if (sum < 0) throw' },
    ],
    proof: { file: 'test/bundle/archive.test.ts', name: 'gives no more than is sure (V02 V04)' },
  },
  {
    what: 'bundles: what is not safe is not opened',
    edits: [{ file: 'src/verify/verify.ts', code: 'if (flaws.length > 0)', without: 'if (flaws.length < 0)' }],
    proof: { file: 'test/verify/verify.test.ts', name: 'is not opened (V01' },
  },
  {
    what: 'bundles: each file is the one that the manifest says',
    edits: [
      {
        file: 'src/verify/contents.ts',
        code: 'if (file.sha256 === hash.sha256 && (hash.bytes === undefined || hash.bytes === file.bytes)) return [];',
        without: 'if (file.bytes >= 0) return [];',
      },
    ],
    proof: { file: 'test/verify/verify.test.ts', name: '(V04 V05)' },
  },
  {
    what: 'bundles: a file without a hash is not called good',
    edits: [
      {
        file: 'src/verify/contents.ts',
        code: 'if (names.length === 0) return [];',
        without: 'if (names.length >= 0) return [];',
      },
    ],
    proof: { file: 'test/verify/verify.test.ts', name: 'does not call them good (V04)' },
  },
  {
    what: 'bundles: a ZIP is the one that its run wrote',
    edits: [{ file: 'src/verify/own-hash.ts', code: 'if (known === undefined)', without: 'if (known === null)' }],
    proof: { file: 'test/cli/verify.test.ts', name: 'compares the ZIP with the journal' },
  },
  {
    what: 'bundles: a log that is not whole does not prove that a message is new',
    edits: [
      {
        file: 'src/diff/compare-logs.ts',
        code: 'return first.isWhole && second.isWhole && haveSameWindow(first, second)',
        without: 'return haveSameWindow(first, second)',
      },
    ],
    proof: { file: 'test/cli/diff.test.ts', name: 'where the other log is not whole (V13)' },
  },
  {
    what: 'a bundle that is owed has its captures in the ring',
    edits: [{ file: 'src/capture/prune.ts', code: 'isOwed: owed.has(', without: 'isOwed: owed.has(id + ' }],
    proof: { file: 'test/cli/precaptures.test.ts', name: 'keeps them in the ring while it is owed' },
  },
  {
    what: 'the last capture of a server stays',
    edits: [
      {
        file: 'src/domain/capture-retention.ts',
        code: 'return at < ring.length - 1 &&',
        without: 'return at < ring.length &&',
      },
    ],
    proof: { file: 'test/capture/week.test.ts', name: 'is all but the last of a server that is captured no more' },
  },
  {
    what: 'a password that was refused to a timer is not tried again',
    edits: [
      {
        file: 'src/servers/cautious-access.ts',
        code: 'if (place !== undefined) throw',
        without: "if (place?.key === '') throw",
      },
    ],
    proof: { file: 'test/servers/cautious-access.test.ts', name: 'is not tried in the next run' },
  },
  {
    what: 'a capture that runs techsupport is not cut',
    edits: [{ file: 'src/capture/give-way.ts', code: 'this.runsTechsupport = true;', without: '' }],
    proof: { file: 'test/cli/capture-and-collect.test.ts', name: 'that runs techsupport takes it over as its own' },
  },
  {
    what: 'no link in the ring is followed',
    edits: [
      {
        file: 'src/state/captures.ts',
        code: 'const isNamed = entry.isDirectory() && wholeName',
        without: 'const isNamed = wholeName',
      },
    ],
    proof: { file: 'test/state/captures.test.ts', name: 'has no capture without its record' },
  },
  {
    what: 'what a capture left on a server stays noted',
    edits: [
      {
        file: 'src/state/captures.ts',
        code: 'if (leftOn(journal).length === 0) return removeFolder(folder);',
        without: 'return removeFolder(folder);',
      },
    ],
    proof: { file: 'test/state/captures.test.ts', name: 'loses its files at once' },
  },
  {
    what: 'a file that was changed in the ring is not taken',
    edits: [
      {
        file: 'src/collect/take-captures.ts',
        code: 'if (taken.sha256 === item.sha256)',
        without: 'if (taken.sha256.length === item.sha256?.length)',
      },
    ],
    proof: { file: 'test/cli/capture-and-collect.test.ts', name: 'no file that was changed in the ring' },
  },
  {
    what: 'a capture of another server of the same name is not taken',
    edits: [
      {
        file: 'src/collect/take-captures.ts',
        code: 'isOf(capture, appliance) && ',
        without: '',
      },
    ],
    proof: { file: 'test/cli/precaptures.test.ts', name: 'has none of another server that had this name' },
  },
  {
    what: 'watch: an open ticket of the same group is taken up',
    edits: [
      {
        file: 'src/watch/incident/ticket.ts',
        code: 'each.reference?.startsWith(prefix)',
        without: "each.reference?.startsWith('nobody has this')",
      },
    ],
    proof: { file: 'test/watch/tell-ticket.test.ts', name: '(W06)' },
  },
  {
    what: 'watch: after ten tickets in an hour the rest is one',
    edits: [{ file: 'src/watch/core/incidents.ts', code: 'left > 0 && group !== stormGroup', without: 'true' }],
    proof: { file: 'test/watch/incidents.test.ts', name: '40 different events' },
  },
  {
    what: 'watch: a help desk that refuses us is told to people',
    edits: [{ file: 'src/watch/incident/incidents.ts', code: 'await this.noteDesk(now);', without: '' }],
    proof: { file: 'test/watch/follow-up.test.ts', name: 'told by rounds of their own' },
  },
  {
    what: 'watch: a help desk that asks to wait is left alone, also by the next process',
    edits: [
      { file: 'src/watch/incident/mind-ticket.ts', code: 'if (isAskedToWait(incident.log, now)) return;', without: '' },
    ],
    proof: { file: 'test/watch/follow-up.test.ts', name: 'is asked by no other process before' },
  },
  {
    what: 'watch: nothing is told to another ticket than its own',
    edits: [
      {
        file: 'src/watch/incident/ticket.ts',
        code: 'if (ticket?.key.toLowerCase() === key.toLowerCase()) return ticket;',
        without: 'if (ticket !== undefined) return ticket;',
      },
    ],
    proof: { file: 'test/watch/tell-ticket.test.ts', name: 'that is written down once, and nothing is told' },
  },
  {
    what: 'watch: a comment that was about to be told keeps its words',
    edits: [
      {
        file: 'src/watch/incident/ticket.ts',
        code: 'telling > from ? telling : news.length',
        without: 'telling > from ? news.length : news.length',
      },
    ],
    proof: { file: 'test/watch/tell-ticket.test.ts', name: 'tells it once' },
  },
  {
    what: 'watch: an incident that is open is not closed',
    edits: [{ file: 'src/watch/core/incidents.ts', code: 'if (!isCleared(log)) return undefined;', without: '' }],
    proof: { file: 'test/watch/incidents.test.ts', name: 'is closed two hours after' },
  },
  {
    what: 'event: what was said is on the disk before anybody acts on it',
    edits: [
      {
        file: 'src/state/reported.ts',
        code: 'await writeDurably(path,',
        without: 'void (path,',
      },
    ],
    proof: { file: 'test/state/reported.test.ts', name: 'is a private file for each thing' },
  },
  {
    what: 'event: silence ends nothing',
    edits: [
      {
        file: 'src/watch/incident/troubles.ts',
        code: "return said?.is === 'ok' ? said.text : undefined;",
        without: "return said?.is === 'bad' ? undefined : (said?.text ?? 'ok');",
      },
    ],
    proof: { file: 'test/watch/reported.test.ts', name: 'ends by ok alone' },
  },
  {
    what: 'event: what is suppressed is no incident',
    edits: [
      {
        file: 'src/watch/core/heard.ts',
        code: "return is === 'bad' && suppressed === undefined;",
        without: "return is === 'bad' && suppressed !== 'x';",
      },
    ],
    proof: { file: 'test/watch/reported.test.ts', name: 'makes no incident where it is ok, suppressed' },
  },
  {
    what: 'event: a list that may change within a tick is read again',
    edits: [
      {
        file: 'src/state/reported.ts',
        code: 'last = isSettled ? { changed, readAt, list } : undefined;',
        without: 'last = isSettled || true ? { changed, readAt, list } : undefined;',
      },
    ],
    proof: { file: 'test/state/reported.test.ts', name: 'within one tick' },
  },
  {
    what: 'event: alerts that differ in a port are two things',
    edits: [
      {
        file: 'src/watch/reported/alertmanager.ts',
        code: '!(isWhole && name === label)',
        without: 'name !== label',
      },
    ],
    proof: { file: 'test/watch/alertmanager.test.ts', name: 'are two things where any label differs' },
  },
  {
    what: "event: a stranger's text loses its secrets before it is kept",
    edits: [
      {
        file: 'src/watch/reported/keep-all.ts',
        code: 'printableLine(mask(printableLine(text, 4 * length)), length)',
        without: 'printableLine(mask === undefined ? text : text, length)',
      },
    ],
    proof: { file: 'test/cli/event.test.ts', name: 'masks what a stranger says' },
  },
  {
    what: 'watch: an event is seen three times',
    edits: [
      {
        file: 'src/watch/core/event.ts',
        code: 'looks >= leastBad && watchedMs >= forMs',
        without: 'watchedMs >= forMs',
      },
    ],
    proof: { file: 'test/watch/event.test.ts', name: 'needs three looks' },
  },
  {
    what: 'watch: only the time that was watched counts',
    edits: [{ file: 'src/watch/core/event.ts', code: 'Math.min(passed, longestGap * everyMs)', without: 'passed' }],
    proof: { file: 'test/watch/event.test.ts', name: 'counts a late look as two' },
  },
  {
    what: 'watch: what nobody looked at begins from the start',
    edits: [{ file: 'src/watch/core/event.ts', code: ' || unseenMs > brokenGap * everyMs', without: '' }],
    proof: { file: 'test/watch/event.test.ts', name: 'does not count the time in which nobody looked' },
  },
  {
    what: 'watch: no answer changes nothing',
    edits: [{ file: 'src/watch/core/event.ts', code: "if (answer.is === 'unknown') return before;", without: '' }],
    proof: { file: 'test/watch/event.test.ts', name: 'neither begins nor ends where there is no answer' },
  },
  {
    what: 'watch: between two limits a volume stays what it was',
    edits: [{ file: 'src/watch/core/volumes.ts', code: ' || (wasBad && percent > clearPercent)', without: '' }],
    proof: { file: 'test/watch/volumes.test.ts', name: 'is bad above one limit' },
  },
  {
    what: 'watch: two lines of df that differ are not believed',
    edits: [
      {
        file: 'src/watch/core/volumes.ts',
        code: 'volumes.has(volume.mount) && !isSame ? undefined : volume',
        without: 'volume',
      },
    ],
    proof: { file: 'test/watch/volumes.test.ts', name: 'is not believed of a mount point' },
  },
  {
    what: 'watch: a jump host that fails says nothing of what is behind it',
    edits: [
      {
        file: 'src/watch/face-look.ts',
        code: 'find(({ title }) => message.startsWith(title))',
        without: 'find(({ title }) => message === title)',
      },
    ],
    proof: { file: 'test/watch/face-look.test.ts', name: 'is not known where the jump host fails' },
  },
  {
    what: 'watch: a server that is silent is asked nothing else',
    edits: [
      {
        file: 'src/watch/visit.ts',
        code: "if (reach.some(({ answer }) => answer.is === 'bad'))",
        without: 'if (reach.length < 0)',
      },
    ],
    proof: { file: 'test/cli/watch.test.ts', name: 'asks nothing of a server that is silent' },
  },
  {
    what: 'watch: a refused password rests',
    edits: [
      {
        file: 'src/watch/refused-logins.ts',
        code: 'each.under === under && passed < refusedForMs',
        without: 'false && passed < refusedForMs',
      },
    ],
    proof: { file: 'test/cli/watch.test.ts', name: 'tries a refused password once' },
  },
  {
    what: 'watch: a server that is collected from is only greeted',
    edits: [
      {
        file: 'src/watch/watcher.ts',
        code: 'if (run !== undefined) return',
        without: "if (run === '') return",
      },
    ],
    proof: { file: 'test/cli/watch.test.ts', name: 'asks a server that is being collected from' },
  },
  {
    what: 'watch: what was suppressed a moment ago is looked at again',
    edits: [{ file: 'src/watch/core/event.ts', code: ' && released >= leastReleased', without: '' }],
    proof: { file: 'test/watch/suppression.test.ts', name: 'is told after two more looks' },
  },
  {
    what: 'watch: what is suppressed is told to nobody',
    edits: [
      {
        file: 'src/watch/core/event.ts',
        code: 'return suppressed === undefined && released',
        without: 'return released',
      },
    ],
    proof: { file: 'test/watch/suppression.test.ts', name: 'is told to nobody, and neither is its end' },
  },
  {
    what: 'watch: a server that is set up no more begins from the start',
    edits: [
      {
        file: 'src/watch/core/event.ts',
        code: 'stepped(isStaged ? undefined : before,',
        without: 'stepped(isStaged ? before : before,',
      },
    ],
    proof: { file: 'test/watch/suppression.test.ts', name: 'begins from the start when a server is no longer set up' },
  },
  {
    what: 'watch: maintenance ends',
    edits: [
      {
        file: 'src/domain/maintenance.ts',
        code: 'new Date(ended.at) <= at',
        without: 'new Date(ended.at) < new Date(0)',
      },
    ],
    proof: { file: 'test/watch/suppression.test.ts', name: 'holds from its first minute to its last' },
  },
  {
    what: 'watch: servers of many clusters that fall silent together are one incident',
    edits: [{ file: 'src/watch/core/storm.ts', code: 'const leastPlaces = 5;', without: 'const leastPlaces = 500;' }],
    proof: { file: 'test/watch/storm.test.ts', name: 'is one incident with all its 60 servers' },
  },
  {
    what: 'watch: a reminder is noted before it leaves',
    edits: [{ file: 'src/watch/maintenance/reminder.ts', code: '    await watch.reminded.note(now);\n', without: '' }],
    proof: { file: 'test/watch/reminder.test.ts', name: 'noted before it leaves' },
  },
  {
    what: 'watch: what somebody stopped is told after 30 days',
    edits: [
      {
        file: 'src/watch/core/event.ts',
        code: 'onPurpose && !isPast(badSince, longestSilenceMs, now)',
        without: 'onPurpose',
      },
    ],
    proof: { file: 'test/watch/suppression.test.ts', name: 'is told after 30 days' },
  },
  {
    what: 'watch: maintenance that lasts until a check is well ends then',
    edits: [
      {
        file: 'src/watch/maintenance/end-what-is-well.ts',
        code: 'meant.length > 0 && ',
        without: 'meant.length < 0 && ',
      },
    ],
    proof: { file: 'test/cli/maintenance.test.ts', name: 'is told of again as soon as it was well' },
  },
  {
    what: 'watch: somebody hears of each incident where nobody looks again',
    edits: [
      {
        file: 'src/watch/escalation/limits.ts',
        code: 'limit !== perMinute || !isFirst || !isLast',
        without: 'limit === limit',
      },
    ],
    proof: { file: 'test/watch/escalation/pager.test.ts', name: 'hears at once of each incident' },
  },
  {
    what: 'watch: one that will end is waited for',
    edits: [{ file: 'src/watch/watch.ts', code: 'other.passing === undefined', without: 'other.since !== undefined' }],
    proof: { file: 'test/cli/watch.test.ts', name: 'waits for one that takes an event' },
  },
  {
    what: 'the watch itself: a canary that answers is believed',
    edits: [
      {
        file: 'src/watch/own-network.ts',
        code: 'canaries.every(({ failed }) => failed !== undefined)',
        without: 'canaries.length > 0',
      },
    ],
    proof: { file: 'test/watch/own-network.test.ts', name: 'is not taken for it where one canary answers' },
  },
  {
    what: 'the watch itself: a few silent servers are no reason to doubt the network',
    edits: [
      {
        file: 'src/watch/core/own-network.ts',
        code: 'missing.length === 0 || missing.length < least',
        without: 'missing.length === 0',
      },
    ],
    proof: { file: 'test/watch/own-network.test.ts', name: 'is not looked for where fewer than three servers' },
  },
  {
    what: 'the watch itself: what was not seen is no answer',
    edits: [
      {
        file: 'src/watch/own-network.ts',
        code: 'return this.blind !== undefined &&',
        without: 'return this.blind === this.told &&',
      },
    ],
    proof: { file: 'test/watch/own-network.test.ts', name: 'is told once when it begins' },
  },
  {
    what: 'the watch itself: time without a network does not count',
    edits: [{ file: 'src/watch/core/own-network.ts', code: '{ ...event, seenAt: now, ', without: '{ ...event, ' }],
    proof: { file: 'test/watch/own-network.test.ts', name: 'and its time does not count' },
  },
  {
    what: 'the watch itself: long without a network is too long',
    edits: [
      { file: 'src/watch/core/own-network.ts', code: 'isTooLong ? { watchedMs: 0, looks: 0 } : {}', without: '{}' },
    ],
    proof: { file: 'test/watch/own-network.test.ts', name: 'for long has everything begin from the start' },
  },
  {
    what: 'the watch itself: what began without a network is forgotten',
    edits: [
      {
        file: 'src/watch/core/own-network.ts',
        code: "event.phase === 'pending' && !isBefore(event.badSince, since)",
        without: 'event.phase === undefined',
      },
    ],
    proof: { file: 'test/watch/own-network.test.ts', name: 'is shown since the first server was missing' },
  },
  {
    what: 'the watch itself: who is blind does not ping',
    edits: [{ file: 'src/watch/deadman.ts', code: 'blind !== undefined || ', without: '' }],
    proof: { file: 'test/watch/beat.test.ts', name: 'and not by the dead man, while the watch is blind' },
  },
  {
    what: 'the watch itself: it is pinged once a minute',
    edits: [{ file: 'src/watch/deadman.ts', code: 'passed < leastMs', without: 'passed < 0' }],
    proof: { file: 'test/watch/beat.test.ts', name: 'pings once a minute at most' },
  },
  {
    what: 'the watch itself: a state that is not kept is a failure',
    edits: [
      {
        file: 'src/watch/deadman.ts',
        code: 'ping(deadman, isWritten, signal)',
        without: 'ping(deadman, isWritten || true, signal)',
      },
    ],
    proof: { file: 'test/watch/beat.test.ts', name: 'tells the dead man of a state that cannot be written' },
  },
  {
    what: 'answers: only the token that was sent counts',
    edits: [
      {
        file: 'src/watch/replies/judge.ts',
        code: 'senders.find(({ told }) => isRight(said, told, judging.secret))',
        without: 'senders.find(({ told }) => isRight(said, told, judging.secret) || told !== undefined)',
      },
    ],
    proof: { file: 'test/watch/replies/replies.test.ts', name: 'does not count forged, or written by a program' },
  },
  {
    what: 'answers: a mail that a program wrote is none',
    edits: [
      {
        file: 'src/watch/replies/mail-reply.ts',
        code: 'if (why !== undefined) return { why };',
        without: 'if (headers.length === 0) return { why: String(why) };',
      },
    ],
    proof: { file: 'test/watch/replies/mail.test.ts', name: 'says why, where a program wrote it (W30)' },
  },
  {
    what: 'answers: what is quoted is none',
    edits: [
      {
        file: 'src/watch/replies/first-line.ts',
        code: "if (line === '' || quoted.test(line)) continue;",
        without: "if (line === '') continue;",
      },
    ],
    proof: { file: 'test/watch/replies/mail.test.ts', name: 'never counts where somebody else wrote it' },
  },
  {
    what: 'answers: who guesses is not heard',
    edits: [
      {
        file: 'src/watch/replies/judge.ts',
        code: 'sender: sender.key }, judging.now) !== undefined)',
        without: 'sender: sender.key }, judging.now) === -1)',
      },
    ],
    proof: { file: 'test/watch/replies/judge.test.ts', name: 'is ignored for an hour after five wrong tokens' },
  },
  {
    what: 'answers: each counts once',
    edits: [{ file: 'src/watch/replies/take.ts', code: 'if (!isKnown)', without: "if (!isKnown || id !== '')" }],
    proof: { file: 'test/watch/replies/replies.test.ts', name: 'counts once: over looks, restarts' },
  },
  {
    what: 'answers: no link in an inbox is followed',
    edits: [
      {
        file: 'src/notify/inbox.ts',
        code: 'constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK',
        without: 'constants.O_RDONLY | constants.O_NONBLOCK',
      },
    ],
    proof: { file: 'test/notify/inbox.test.ts', name: 'leads nowhere else' },
  },
  {
    what: 'the watch itself: a round that hangs is missed',
    edits: [{ file: 'src/watch/rounds.ts', code: 'this.owed.size > 0', without: 'this.owed.size < 0' }],
    proof: { file: 'test/watch/beat.test.ts', name: 'stays away where a round hangs' },
  },
  {
    what: 'the watch itself: a configuration that is being written is not read',
    edits: [{ file: 'src/watch/rereading.ts', code: ' || !isStill', without: '' }],
    proof: { file: 'test/watch/rereading.test.ts', name: 'is not read while somebody writes it' },
  },
  {
    what: 'the watch itself: a configuration that says the same is not taken up',
    edits: [{ file: 'src/watch/rereading.ts', code: 'if (content === this.content) return undefined;', without: '' }],
    proof: { file: 'test/watch/rereading.test.ts', name: 'that says the same is not taken up' },
  },
  {
    what: 'the watch itself: visits that overlap count once',
    edits: [{ file: 'src/watch/core/jump-hosts.ts', code: 'if (isOverlapping) return [];', without: '' }],
    proof: { file: 'test/watch/jump-hosts.test.ts', name: 'is judged by visits that follow each other' },
  },
  {
    what: 'the watch itself: a jump host is tried again in each round',
    edits: [
      { file: 'src/watch/watcher.ts', code: 'this.tools.access.newDialer();', without: 'this.tools.access.dialer;' },
    ],
    proof: { file: 'test/cli/watch-self.test.ts', name: 'when the watch begins is tried again' },
  },
  {
    what: 'the watch itself: a secret that was changed is read again',
    edits: [
      {
        file: 'src/context/make-workplace.ts',
        code: '(known.under ?? under) === under',
        without: '(known.under ?? under) !== undefined',
      },
    ],
    proof: { file: 'test/cli/watch-self.test.ts', name: 'that would have a password typed is not taken up' },
  },
  {
    what: 'the watch itself: no redirect is followed',
    edits: [
      {
        file: 'src/heartbeat/deadman.ts',
        code: 'statusCode < 200 || statusCode > 299',
        without: 'statusCode < 200 || statusCode > 399',
      },
    ],
    proof: { file: 'test/cli/watch-self.test.ts', name: 'leads elsewhere, which is not followed' },
  },
];
