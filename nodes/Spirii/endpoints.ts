/** Where Spirii's records are read: lists with their page size, and single records. */
export const CHARGE_RECORDS = { path: '/v2/charge-records', idField: 'transactionId', pageSize: 1000 };
export const TRANSACTIONS = { path: '/v2/transactions', idField: 'id', pageSize: 2500 };
export const LEGACY_CHARGE_RECORDS = { path: '/v1/charge-records', idField: 'id', pageSize: 2000 };

export const CHARGE_RECORD = { path: '/v2/charge-records/{id}', idField: 'transactionId' };
export const TRANSACTION = { path: '/v2/transactions/{id}', idField: 'id' };
export const LEGACY_CHARGE_RECORD = { path: '/v1/charge-records/{id}', idField: 'id' };
