/** Where Volt Time's records are read. */
export const TRANSACTIONS = {
	path: '/api/v2/teams/{team_id}/chargers/{charger_id}/transactions',
	idField: 'id',
	pageSize: 10_000,
};
export const CHARGERS = { path: '/api/v2/teams/{team_id}/chargers', idField: 'id' };
export const TEAMS = { path: '/api/v2/teams', idField: 'id' };
