import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Contract } from '../contract';
import type { SpiriiData } from './data';
import { SITES } from './places';
import { badRequest, notFound, readQuery, type SpiriiVendor } from './request';
import { firstBoxOf, type Session } from './session';

/** A command that reached a charger, and what it said. */
export interface ReceivedCommand {
	kind: 'remoteStop';
	/** Of the EVSE. */
	uid: number;
	connectorId: number;
	transactionId: number;
	status: 'Accepted' | 'Rejected';
}

const REMOTE_STOP = '/v2/evses/{uid}/connectors/{connectorId}/remote-stop-transaction';

/** An EVSE of the account: a charge box has two, with one connector each, whose number is the one behind the star of its text id. */
export interface Evse {
	chargeBoxId: number;
	connectorId: number;
}

/** The number that stands for an EVSE in paths. */
export function uidOf({ chargeBoxId, connectorId }: Evse): number {
	return chargeBoxId * 10 + connectorId;
}

/** The EVSE that a session is charged at, for the path of a command; a foreign charger is none of the account. */
export function evseOf({ evseId, chargeBoxId, roaming }: Session): Evse | undefined {
	return roaming === 'emp' ? undefined : { chargeBoxId, connectorId: Number(evseId.split('*')[1]) };
}

function findEvse(uid: number): Evse | undefined {
	const chargeBoxId = Math.floor(uid / 10);
	const connectorId = uid % 10;
	const exists = SITES.some((site, index) => {
		const box = chargeBoxId - firstBoxOf(index);
		return box >= 0 && box < site.chargeBoxes;
	});
	return exists && [1, 2].includes(connectorId) ? { chargeBoxId, connectorId } : undefined;
}

/**
 * Commands to chargers. A stop of what does not run at that connector, or runs elsewhere, is rejected by the charger with status
 * 200, as in OCPP, or refused with a 400: no page says which.
 */
export function commandRoutes(app: FastifyInstance, vendor: SpiriiVendor, contract: Contract): void {
	const remoteStop = contract.operation(REMOTE_STOP, 'post');
	app.post('/v2/evses/:uid/connectors/:connectorId/remote-stop-transaction', (request) => {
		readQuery(request, remoteStop, contract, vendor.switches.arrays);
		const evse = findEvse(idIn(request, 'uid'));
		const connectorId = idIn(request, 'connectorId');
		const body = jsonOf(request);
		for (const { param, message } of contract.check('remoteStop body', remoteStop.body as object, body))
			throw badRequest(param || 'body', message);
		if (evse?.connectorId !== connectorId) throw notFound();

		const { transactionId } = body as { transactionId: number };
		const isRunning = runsAt(vendor.data, transactionId, evse);
		if (!isRunning && vendor.switches.stopOfNothing === 'refused')
			throw badRequest('transactionId', 'is not a running transaction of this connector');
		const status = isRunning ? 'Accepted' : 'Rejected';
		vendor.data.commands.push({ kind: 'remoteStop', uid: uidOf(evse), connectorId, transactionId, status });
		if (isRunning) vendor.data.update(transactionId, { endedAt: new Date(vendor.data.now).toISOString() });
		return { status };
	});
}

function runsAt(data: SpiriiData, transactionId: number, evse: Evse): boolean {
	const session = data.get(transactionId);
	const at = session && evseOf(session);
	return session?.endedAt === null && at !== undefined && uidOf(at) === uidOf(evse);
}

function idIn(request: FastifyRequest, name: string): number {
	const text = (request.params as Record<string, string>)[name];
	if (!/^\d{1,15}$/.test(text)) throw badRequest(name, 'must be integer');
	return Number(text);
}

/** The body as JSON. It must say that it is JSON. */
function jsonOf(request: FastifyRequest): unknown {
	if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
		throw badRequest('body', 'must be application/json');
	try {
		return JSON.parse(request.recorded.body);
	} catch {
		throw badRequest('body', 'must be JSON');
	}
}
