// Writes the logs of RESULTS.md's section on features of items: node scripts/item-logs.mjs hm|beauty DATA OUTPUT
//
// DATA has the published files: of H&M's week valid_split.parquet and articles.parquet, of Amazon Beauty beauty-train.tsv.gz,
// beauty-test.tsv.gz and beauty-items.tsv. 5 % of the items are hidden from training. choose-train.csv and choose-test.csv
// divide the training part once more: what was chosen was chosen there.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { DuckDBInstance } = createRequire(new URL('../packages/preprocess/package.json', import.meta.url))(
  '@duckdb/node-api',
);

const [kind, data, output] = process.argv.slice(2);
if ((kind !== 'hm' && kind !== 'beauty') || !data || !output) {
  console.error('usage: node scripts/item-logs.mjs hm|beauty DATA OUTPUT');
  process.exit(2);
}
mkdirSync(output, { recursive: true });
const connection = await (await DuckDBInstance.create(':memory:')).connect();
/** @param {string} name */
const file = (name) => `'${join(data, name).replaceAll("'", "''")}'`;

/** Tables log (session, part, item, place) and items: a customer's week without what was bought twice, items bought 5 times. */
const hm = [
  `create table bought as select customer_id, article_id::bigint as item, min(seen) as place from
     (select *, row_number() over () as seen from ${file('valid_split.parquet')}) group by all`,
  'delete from bought where item not in (select item from bought group by 1 having count(*) >= 5)',
  `create table log as select dense_rank() over (order by customer_id) as session, session % 5 as part, item, place from bought
     where customer_id in (select customer_id from bought group by 1 having count(*) >= 2)`,
  `create table items as select article_id::bigint as id, prod_name as title, 'p' || product_code as product,
     product_type_name as type, product_group_name as "group", graphical_appearance_name as look, colour_group_name as colour,
     perceived_colour_value_name as shade, perceived_colour_master_name as master, department_name as department,
     index_name as "index", section_name as section, garment_group_name as garment
     from ${file('articles.parquet')} where id in (select item from log) order by 1`,
];

/** The same tables: the last 20 reviews of a user. The published test part is every fifth user. */
const beauty = [
  `create table log as select SessionId as session, if(test, 0, 1 + SessionId % 4) as part, ItemId as item, Time as place from
     (select *, false as test from read_csv(${file('beauty-train.tsv.gz')}) union all
      select *, true as test from read_csv(${file('beauty-test.tsv.gz')}))
     qualify row_number() over (partition by session order by place desc) <= 20`,
  `create table items as from read_csv(${file('beauty-items.tsv')})`,
];

for (const sql of kind === 'hm' ? hm : beauty) await connection.run(sql);
const isHidden = "('0x' || md5(item::varchar)[:6])::int % 20 = 0";
/** @param {string} name @param {string} where */
const write = (name, where) =>
  connection.run(
    `copy (select session as "SessionId", item as "ItemId", 1600000000 + 1000 * session +
       row_number() over (partition by session order by place) as "Time" from log where ${where} order by 1, 3)
     to '${join(output, name).replaceAll("'", "''")}' (header)`,
  );
await write('train.csv', `part > 0 and not (${isHidden})`);
await write('test.csv', 'part = 0');
await write('choose-train.csv', `part > 1 and not (${isHidden})`);
await write('choose-test.csv', 'part = 1');
await connection.run(`copy items to '${join(output, 'items.csv').replaceAll("'", "''")}' (header)`);
