-- traces/sqlite.pwt: an order book in SQLite, run by the sqlite3 shell. The database is read through a shared file
-- mapping (mmap_size), written through the write-ahead log (pwrite, fdatasync) whose index is a writable shared
-- mapping, then moved to a rollback journal (unlink and create per transaction), then vacuumed.
PRAGMA mmap_size = 16777216;
PRAGMA cache_size = 8;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, price INTEGER);
CREATE TABLE sale(id INTEGER PRIMARY KEY, item INTEGER, amount INTEGER, note TEXT);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
  INSERT INTO item SELECT i, printf('item-%05d', i), i * 37 % 1000 FROM n;
COMMIT;
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
  INSERT INTO sale SELECT i, i * 7919 % 60 + 1, i % 13 + 1, hex(zeroblob(200)) FROM n;
COMMIT;
CREATE INDEX sale_item ON sale(item);
UPDATE sale SET amount = amount + 1 WHERE item % 10 = 3;
UPDATE item SET price = price + 5 WHERE id < 20;
SELECT count(*), sum(amount * price) FROM sale JOIN item ON item.id = sale.item WHERE item.id BETWEEN 20 AND 40;
PRAGMA wal_checkpoint(TRUNCATE);
PRAGMA journal_mode = DELETE;
DELETE FROM sale WHERE id % 3 = 0;
INSERT INTO item VALUES (1001, 'late', 1);
INSERT INTO item VALUES (1002, 'later', 2);
VACUUM;
SELECT name, price FROM item ORDER BY price DESC, name LIMIT 5;
SELECT item, sum(amount) AS total FROM sale GROUP BY item ORDER BY total DESC LIMIT 5;
