import { columns, count, dollars } from "../terminal/print.ts";
import { ourPrices, type Price, type Prices } from "./prices.ts";
import type { Use } from "./usage.ts";

/** One line of a bill. */
export type Line = Use & { price: Price; dollars: number };

export interface Bill {
  lines: Line[];
  /** Dollars. */
  total: number;
  /** The region and date of the prices. */
  pricesOf: string;
}

export function billOf(uses: Use[], { prices, pricesOf }: Prices = ourPrices): Bill {
  const lines = uses
    .filter(({ quantity }) => quantity > 0)
    .map((use) => {
      const price = prices[use.item];
      return { ...use, price, dollars: (use.quantity * price.dollars) / price.per };
    });
  const total = lines.reduce((sum, line) => sum + line.dollars, 0);
  return { lines, total, pricesOf };
}

export function describeBill({ lines, total, pricesOf }: Bill): string {
  const rows = lines.map(({ item, quantity, price, dollars: amount, how }) => [
    ...[item, quantityOf(quantity, price), rateOf(price), dollars(amount), how],
  ]);
  const head = ["item", "quantity", "price", "", "basis"];
  const table = columns(head, [...rows, ["total", "", "", dollars(total), ""]]);
  return `${table}\n\nList prices of ${pricesOf}, without free tiers. Use --prices for others.`;
}

function quantityOf(quantity: number, { unit }: Price): string {
  const rounded = count(quantity < 100 ? Math.round(quantity * 100) / 100 : Math.round(quantity));
  return `${rounded} ${rounded === "1" ? unit.replace(/s$/, "") : unit}`;
}

function rateOf({ dollars: amount, per }: Price): string {
  return per === 1 ? `$${amount}` : `$${amount} per ${count(per)}`;
}
