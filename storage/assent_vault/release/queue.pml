/* A withdrawal against an export: the protocol of queue.py, export/run.py and erasure.py.
 *
 * One meeting, released. Its person withdraws at any moment. Several workers claim, write and commit;
 * each may be killed before and after every step, leases run out at any moment, and the worker that
 * heeds withdrawals goes about its work meanwhile. An atomic block is a transaction with the meeting's
 * row locked, as lock_meeting() has it; a step outside of one is something else that takes time.
 *
 * Checked with Spin (`make model`), over every interleaving:
 *   - no export commits after a withdrawal that was acknowledged, nor after one that was stored;
 *   - the meeting is exported at most once, and once more in each further data set that is asked for,
 *     and each is published only if it was committed;
 *   - the row says that the key is destroyed only when it is;
 *   - a withdrawal that was acknowledged ends with the key destroyed, and an export that was
 *     committed ends with the data set published, whoever is killed on the way (ltl).
 *
 * Each -D takes one protection away, and the checker must find what then goes wrong:
 *   NO_RECHECK  the commit does not ask the gate again
 *   NO_RECHECK_AGAIN  that of a further data set does not
 *   NO_ROW      it does not look whether its data set was committed already
 *   NO_TOKEN    the commit does not look whose the lease is
 *   ACK_FIRST   the server says "withdrawn" before it is stored
 *   ROW_FIRST   the key is said to be destroyed before it is
 *   FORGETFUL   a worker that is killed while it heeds a withdrawal does not begin again
 *   NO_RECOVERY a worker that starts does not look for what one that died has committed
 * STORED_MAY_LOSE lets a withdrawal lose that is stored, but not acknowledged yet.
 */

#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef CLAIMS
#define CLAIMS 4    /* claims in all, so that there is an end of them */
#endif

mtype = { READY, CLAIMED, EXPORTED, DROPPED };

mtype release = READY;      /* Release.state */
byte holder = 0;            /* Release.lease_token; 0 is nobody */
bool lapsed = false;        /* Release.lease_until is in the past */
bool withdrawn = false;     /* a statement says so */
bool acknowledged = false;  /* the person was told that it is stored */
bool key = true;            /* the meeting's key is in the vault's folder */
bool marked = false;        /* VaultKey.destroyed_at */
byte claims = 0;
byte commits = 0;
byte published = 0;
byte more = 0;              /* commits of the further data set */
byte more_published = 0;

#define gate_opens (!withdrawn && key && !marked)

inline drop() {
  release = DROPPED;
  holder = 0;
}

/* The browser sends it; the server stores it, and only then says so. It may be killed in between. */
active proctype Person() {
#ifdef ACK_FIRST
  acknowledged = true;
  atomic { withdrawn = true }
#else
  atomic { withdrawn = true };
  acknowledged = true
#endif
}

/* Time. Whoever holds a lease renews it, unless they are dead or slow. */
active proctype Clock() {
end:
  do
  :: atomic { release == CLAIMED && !lapsed -> lapsed = true }
  od
}

active [WORKERS] proctype Worker() {
  byte token = 0;

start:
  /* A worker that starts mends what one that died has left (export/recovery.py). */
#ifndef NO_RECOVERY
  atomic {
    if
    :: commits > published -> published++
    :: else -> skip
    fi
  };
#endif
  token = 0;

end_idle:
  atomic {
    claims < CLAIMS && (release == READY || (release == CLAIMED && lapsed));
    if
    :: gate_opens ->
         claims++;
         token = claims;
         release = CLAIMED;
         holder = token;
         lapsed = false
    :: else -> drop()
    fi
  };
  if
  :: token == 0 -> goto start
  :: else -> skip
  fi;

writing:  /* opens the recording and writes a folder that nobody sees */
  do
  :: atomic { release == CLAIMED && holder == token -> lapsed = false } /* renew */
  :: goto start                                                         /* killed */
  :: break
  od;

  atomic {  /* the commit */
    if
#ifdef NO_TOKEN
    :: release == CLAIMED || release == EXPORTED ->
#else
    :: release == CLAIMED && holder == token ->
#endif
         if
#ifndef NO_RECHECK
         :: !gate_opens -> drop()
         :: gate_opens ->
#else
         :: true ->
#endif
              assert(!acknowledged);
#ifndef STORED_MAY_LOSE
              assert(!withdrawn);
#endif
              commits++;
              assert(commits == 1);
              release = EXPORTED;
              holder = 0
         fi
    :: else -> skip  /* the lease is somebody else's by now */
    fi
  };

committed:
  if
  :: goto start  /* killed before the folder has its name */
  :: atomic {
       if
       :: commits > published -> published++
       :: else -> skip
       fi
     }
  fi;
  assert(published <= commits);
  goto start
}

/* A further data set of what is exported: its row is held by one worker at a time, and says whether it was
 * committed. There is no lease on the release, and nothing of it changes. AGAIN are the
 * workers that would write it: more than one where a lease has run out and its holder was slow. */
#ifndef AGAIN
#define AGAIN 1
#endif
#if AGAIN
active [AGAIN] proctype Again() {
start:
  atomic {
    if
    :: more > more_published -> more_published++
    :: else -> skip
    fi
  };

end_idle:
  atomic { more == 0 && release == EXPORTED && gate_opens };

  if  /* writing, without a lease: what was taken back is seen at the commit */
  :: goto start
  :: skip
  fi;

  atomic {
    if
#ifndef NO_ROW
    :: more == 0 && release == EXPORTED ->
#else
    :: release == EXPORTED ->
#endif
         if
#ifndef NO_RECHECK_AGAIN
         :: !gate_opens -> skip
         :: gate_opens ->
#else
         :: true ->
#endif
              assert(!acknowledged);  /* here, too */
#ifndef STORED_MAY_LOSE
              assert(!withdrawn);
#endif
              more++;
              assert(more == 1)
         fi
    :: else -> skip
    fi
  };

  if
  :: goto start
  :: atomic {
       if
       :: more > more_published -> more_published++
       :: else -> skip
       fi
     }
  fi;
  assert(more_published <= more);
  goto start
}
#endif

/* Heeds the withdrawal: the key first, then its row and the queue, again until it was seen done. */
active proctype Eraser() {
end:
  do
  :: withdrawn && !(marked && !key && release != READY && release != CLAIMED) ->
#ifdef ROW_FIRST
       atomic { marked = true };
       if
       :: skip
       :: goto again
       fi;
       key = false;
#else
#ifdef FORGETFUL
       if
       :: skip
       :: goto dead
       fi;
#endif
       key = false;
       if
       :: skip
       :: goto again  /* killed */
       fi;
       atomic {
         marked = true;
         if
         :: release != EXPORTED -> drop()
         :: else -> skip
         fi
       };
#endif
again:
       skip
  od;
#ifdef FORGETFUL
dead:
  skip
#endif
}

/* Looks in between whenever it likes. */
active proctype Witness() {
  assert(!marked || !key)
}

ltl kept { [] (acknowledged -> <> !key) }
ltl carried { [] (commits == 1 -> <> (published == 1)) }
ltl carried_again { [] (more == 1 -> <> (more_published == 1)) }
