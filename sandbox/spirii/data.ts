import type { ReceivedCommand } from './commands';
import { documentedSessions, fixedSource } from './documented';
import { isIn } from './records';
import { OWN_COMPANY } from './places';
import { sessionSource, type Session, type SessionList, type SessionSettings } from './session';
import { Store } from '../store';

type Times = 'startedAt' | 'endedAt' | 'createdAt' | 'updatedAt';

/** What a test may change of a session; times are ISO 8601 texts. */
export type SessionPatch = Partial<Omit<Session, Times | 'id' | 'correctedAt' | 'documented'>> & {
	startedAt?: string;
	/** Null: it runs again. */
	endedAt?: string | null;
	createdAt?: string;
	/** Without it, a change is written at the data set's own time, one millisecond after the change before. */
	updatedAt?: string;
};

/** Spirii's sessions: read them by id or by number, and change them while a client is paging. */
export class SpiriiData {
	readonly store: Store<Session>;
	/** Milliseconds since 1970, the moment at which the data set was frozen. */
	readonly now: number;
	/** Every command that a charger received, in order. */
	readonly commands: ReceivedCommand[] = [];
	private lastWrite: number;

	constructor(settings: SessionSettings & { documented: boolean }) {
		this.now = settings.now;
		this.lastWrite = settings.now;
		this.store = new Store(settings.documented ? fixedSource(documentedSessions()) : sessionSource(settings));
	}

	/** Sessions in the data set, running ones included. */
	get count(): number {
		return this.store.count;
	}

	/** Transaction ids of all sessions, oldest first. */
	ids(): number[] {
		return Array.from(this.store.records(), ({ id }) => id);
	}

	/** Transaction ids in a list that is asked for without any parameter, in order of the ids. */
	listed(list: SessionList): number[] {
		return Array.from(
			this.store.records((session) => isListed(list, session)),
			({ id }) => id,
		);
	}

	/** The session by its number, from 0 (oldest); `undefined` when it was removed. */
	at(index: number): Session | undefined {
		return this.store.at(index);
	}

	get(id: number): Session | undefined {
		return this.store.get(id);
	}

	/** Changes a session and gives it. It counts as updated, unless the patch says when. */
	update(id: number, patch: SessionPatch): Session {
		const slot = this.store.find(id);
		const old = this.store.at(slot);
		if (slot < 0 || old === undefined) throw new Error(`There is no session ${id}`);
		const updatedAt = patch.updatedAt ?? this.nextWrite();
		const session: Session = { ...patched(old, { ...patch, updatedAt }), documented: undefined };
		session.correctedAt = old.endedAt === null ? null : session.updatedAt;
		this.store.put(slot, session);
		return session;
	}

	/** Takes a session out of every list. */
	remove(id: number): void {
		const slot = this.store.find(id);
		if (slot < 0) throw new Error(`There is no session ${id}`);
		this.store.remove(slot);
	}

	/** Adds a session and gives it: by default one of the last hour, ended and written just now. */
	add(patch: SessionPatch = {}): Session {
		const slot = this.store.grow();
		const written = this.nextWrite();
		const hourAgo = new Date(this.now - 3_600_000).toISOString();
		const times = { startedAt: hourAgo, endedAt: written, createdAt: hourAgo, updatedAt: written };
		const made = { ...(this.store.at(slot) as Session), id: this.store.idOf(slot) };
		const session = { ...patched(made, { ...times, ...patch }), correctedAt: null };
		this.store.put(slot, session);
		return session;
	}

	/** Undoes all changes. */
	reset(): void {
		this.lastWrite = this.now;
		this.commands.length = 0;
		this.store.reset();
	}

	private nextWrite(): string {
		this.lastWrite += 1;
		return new Date(this.lastWrite).toISOString();
	}
}

function patched(
	session: Session,
	{ startedAt, endedAt, createdAt, updatedAt, ...rest }: SessionPatch,
): Session {
	const time = (text: string | undefined, old: number) => (text === undefined ? old : Date.parse(text));
	return {
		...session,
		...rest,
		startedAt: time(startedAt, session.startedAt),
		endedAt: typeof endedAt === 'string' ? Date.parse(endedAt) : endedAt === null ? null : session.endedAt,
		createdAt: time(createdAt, session.createdAt),
		updatedAt: time(updatedAt, session.updatedAt),
	};
}

/** Whether a list without parameters holds the session. */
function isListed(list: SessionList, session: Session): boolean {
	if (!isIn(list, session)) return false;
	if (list === 'transactions') return true;
	if (session.endedAt === null) return false;
	return (
		list === 'legacyChargeRecords' || (session.roaming !== 'emp' && session.company.id === OWN_COMPANY.id)
	);
}
