/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-transaction.h"

#include <string.h>

#include "pt-rlp.h"

#define TYPE_1559 0x02
#define ADDRESS_SIZE 20
#define ADDRESS_TEXT_SIZE 42 /* "0x" and 40 digits */

typedef struct
{
  uint8_t r[32], s[32], y_parity;
} Signature;

/* EIP-1559: 0x02 || rlp ([chain_id, nonce, max_priority_fee, max_fee, gas_limit, to, value, data,
 * access_list, y_parity, r, s]); without the last three it is what is signed. */
static PtResult
write_transaction (const PtTransaction *transaction, const Signature *signature, uint8_t *out,
                   size_t out_size, size_t *size)
{
  PtRlpWriter writer;
  PtResult result;

  if (out_size < 1)
    return PT_NO_SPACE;
  out[0] = TYPE_1559;
  pt_rlp_init (&writer, out + 1, out_size - 1);
  pt_rlp_list_begin (&writer);
  pt_rlp_uint (&writer, transaction->chain_id);
  pt_rlp_uint (&writer, transaction->nonce);
  pt_rlp_uint (&writer, transaction->max_priority_fee);
  pt_rlp_uint (&writer, transaction->max_fee);
  pt_rlp_uint (&writer, transaction->gas_limit);
  pt_rlp_bytes (&writer, transaction->to, transaction->create ? 0 : ADDRESS_SIZE);
  pt_rlp_uint (&writer, transaction->value);
  pt_rlp_bytes (&writer, transaction->data, transaction->data_size);
  pt_rlp_list_begin (&writer); /* no access list */
  pt_rlp_list_end (&writer);
  if (signature != NULL)
    {
      pt_rlp_uint (&writer, signature->y_parity);
      pt_rlp_integer (&writer, signature->r, sizeof signature->r);
      pt_rlp_integer (&writer, signature->s, sizeof signature->s);
    }
  pt_rlp_list_end (&writer);
  result = pt_rlp_finish (&writer, size);
  if (result == PT_OK)
    *size += 1;
  return result;
}

PtResult
pt_transaction_digest (const PtTransaction *transaction, PtKeccakPermutation permute,
                       uint8_t *scratch, size_t scratch_size, PtHash *digest)
{
  size_t size = 0;
  PtResult result = write_transaction (transaction, NULL, scratch, scratch_size, &size);

  memset (digest, 0, sizeof *digest);
  if (result == PT_OK)
    pt_keccak256 (permute, scratch, size, digest);
  return result;
}

PtResult
pt_transaction_sign (const PtTransaction *transaction, PtKeccakPermutation permute,
                     const PtEthereumSigner *signer, uint8_t *out, size_t out_size, size_t *size,
                     PtHash *hash)
{
  Signature signature;
  PtHash digest;
  PtResult result;

  *size = 0;
  memset (hash, 0, sizeof *hash);
  memset (&signature, 0, sizeof signature);
  /* A node refuses these; better not to sign them. */
  if (transaction->max_priority_fee > transaction->max_fee || transaction->nonce == UINT64_MAX)
    return PT_MALFORMED;

  result = pt_transaction_digest (transaction, permute, out, out_size, &digest);
  if (result != PT_OK)
    return result;
  if (!signer->sign (signer->context, &digest, signature.r, signature.s, &signature.y_parity)
      || signature.y_parity > 1)
    return PT_BAD_KEY;

  result = write_transaction (transaction, &signature, out, out_size, size);
  if (result == PT_OK)
    pt_keccak256 (permute, out, *size, hash);
  return result;
}

static int
nibble (char digit)
{
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  if (digit >= 'a' && digit <= 'f')
    return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F')
    return digit - 'A' + 10;
  return -1;
}

void
pt_address_to_text (PtKeccakPermutation permute, const uint8_t address[20], char out[43])
{
  static const char digits[] = "0123456789abcdef";
  char *text = out + 2;
  PtHash hash;

  memcpy (out, "0x", 2);
  for (size_t i = 0; i < ADDRESS_SIZE; i++)
    {
      text[2 * i] = digits[address[i] >> 4];
      text[2 * i + 1] = digits[address[i] & 15];
    }
  text[40] = '\0';

  /* EIP-55: a letter is upper case where the hash of the lower-case text has a nibble above 7. */
  pt_keccak256 (permute, text, 40, &hash);
  for (size_t i = 0; i < 40; i++)
    {
      unsigned int weight = hash.bytes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;

      if (text[i] >= 'a' && weight > 7)
        text[i] = (char) (text[i] - 'a' + 'A');
    }
}

bool
pt_address_from_text (PtKeccakPermutation permute, PtSpan text, uint8_t out[20])
{
  uint8_t address[ADDRESS_SIZE];
  bool lower = false, upper = false;
  char expected[ADDRESS_TEXT_SIZE + 1];

  memset (out, 0, ADDRESS_SIZE);
  if (text.size != ADDRESS_TEXT_SIZE || text.data[0] != '0' || text.data[1] != 'x')
    return false;
  for (size_t i = 0; i < ADDRESS_SIZE; i++)
    {
      char first = text.data[2 + 2 * i], second = text.data[3 + 2 * i];
      int high = nibble (first), low = nibble (second);

      if (high < 0 || low < 0)
        return false;
      lower |= first >= 'a' || second >= 'a';
      upper |= (first >= 'A' && first <= 'F') || (second >= 'A' && second <= 'F');
      address[i] = (uint8_t) (high << 4 | low);
    }
  if (lower && upper)
    {
      pt_address_to_text (permute, address, expected);
      if (memcmp (expected, text.data, ADDRESS_TEXT_SIZE) != 0)
        return false;
    }
  memcpy (out, address, ADDRESS_SIZE);
  return true;
}

void
pt_address_of_contract (PtKeccakPermutation permute, const uint8_t creator[20], uint64_t nonce,
                        uint8_t out[20])
{
  uint8_t buffer[40];
  PtRlpWriter writer;
  PtHash hash;
  size_t size;

  memset (out, 0, ADDRESS_SIZE);
  pt_rlp_init (&writer, buffer, sizeof buffer);
  pt_rlp_list_begin (&writer);
  pt_rlp_bytes (&writer, creator, ADDRESS_SIZE);
  pt_rlp_uint (&writer, nonce);
  pt_rlp_list_end (&writer);
  if (pt_rlp_finish (&writer, &size) != PT_OK) /* it always fits */
    return;
  pt_keccak256 (permute, buffer, size, &hash);
  memcpy (out, hash.bytes + PT_HASH_SIZE - ADDRESS_SIZE, ADDRESS_SIZE);
}
