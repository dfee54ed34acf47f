import { DuckDBInstance } from '@duckdb/node-api';
const i = await DuckDBInstance.create(':memory:', {threads:'2'});
const c = await i.connect();
const q = async (s) => { const r = await c.runAndReadAll(s); console.log(s,JSON.stringify(r.getRowsJson()).slice(0,300)); };
for (const t of ['1.39643746694e9','1.396437466945e12','1396437466.9995','999999999999999','99999999999999999','-0.0005','1e3',' 5 ','abc','1396437466.277000000001'])
 await q(`select try_cast('${t}' as decimal(18,3)), cast(try_cast('${t}' as decimal(18,3))*1000 as bigint)`);
