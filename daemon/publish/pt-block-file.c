/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-block-store-private.h"

#include <string.h>

/* One node on the way down to the block that was read last. */
typedef struct
{
  PtCid cid;
  GArray *links; /* PtUnixfsLink */
  guint64 size;  /* bytes of the file below it */
} Node;

struct _PtBlockFile
{
  PtBlockStore *store;
  PtCid root;
  guint64 size;
  Node nodes[PT_UNIXFS_LEVELS]; /* by depth, the root first; ->links NULL: not read */
  PtCid leaf_cid;
  GBytes *leaf; /* or NULL */
};

static PtResult
append_link (void *context, const PtUnixfsLink *link)
{
  g_array_append_vals (context, link, 1);
  return PT_OK;
}

/* The links of a dag-pb block, whose bytes are checked to be what we would have written. */
static GArray *
parse_node (GBytes *block, guint64 *file_size, GError **error)
{
  gsize size;
  const void *data = g_bytes_get_data (block, &size);
  g_autoptr (GArray) links = g_array_new (FALSE, FALSE, sizeof (PtUnixfsLink));
  uint64_t below = 0;
  PtResult result = pt_unixfs_read_node (data, size, &below, append_link, links);

  *file_size = below;
  if (result == PT_OK)
    return g_steal_pointer (&links);
  g_set_error (error, PT_ERROR, PT_ERROR_OPERATOR,
               "A block of the file is no UnixFS node of ours (%s); put back a good copy.",
               pt_result_slug (result));
  return NULL;
}

static GArray *
read_node (PtBlockStore *store, const PtCid *cid, guint64 *file_size, GError **error)
{
  g_autoptr (GBytes) block = pt_block_store_read (store, cid, error);

  return block != NULL ? parse_node (block, file_size, error) : NULL;
}

static gboolean
wrong_size (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR,
                       "A block of the file is not as long as its parent says; "
                       "put back a good copy.");
  return FALSE;
}

/* Files */

static gboolean
load_leaf (PtBlockFile *file, const PtCid *cid, guint64 size, GError **error)
{
  g_autoptr (GBytes) leaf = NULL;

  if (file->leaf != NULL && pt_cid_equal (cid, &file->leaf_cid))
    return TRUE;
  g_clear_pointer (&file->leaf, g_bytes_unref);
  leaf = pt_block_store_read (file->store, cid, error);
  if (leaf == NULL)
    return FALSE;
  if (g_bytes_get_size (leaf) != size)
    return wrong_size (error);
  file->leaf = g_steal_pointer (&leaf);
  file->leaf_cid = *cid;
  return TRUE;
}

static gboolean
load_node (PtBlockFile *file, guint depth, const PtCid *cid, guint64 size, GError **error)
{
  Node *node = &file->nodes[depth];

  if (node->links != NULL && pt_cid_equal (cid, &node->cid))
    return TRUE;
  g_clear_pointer (&node->links, g_array_unref);
  node->links = read_node (file->store, cid, &node->size, error);
  node->cid = *cid;
  if (node->links == NULL)
    return FALSE;
  if (node->size == size)
    return TRUE;
  g_clear_pointer (&node->links, g_array_unref);
  return wrong_size (error);
}

static gboolean
load_root (PtBlockFile *file, GError **error)
{
  if (pt_cid_codec (&file->root) == PT_CODEC_RAW)
    {
      file->leaf = pt_block_store_read (file->store, &file->root, error);
      file->leaf_cid = file->root;
      file->size = file->leaf != NULL ? g_bytes_get_size (file->leaf) : 0;
      return file->leaf != NULL;
    }
  file->nodes[0].links = read_node (file->store, &file->root, &file->size, error);
  file->nodes[0].cid = file->root;
  file->nodes[0].size = file->size;
  return file->nodes[0].links != NULL;
}

static PtBlockFile *
file_new (PtBlockStore *store, const PtCid *cid)
{
  PtBlockFile *file = g_new0 (PtBlockFile, 1);

  file->store = pt_block_store_ref (store);
  file->root = *cid;
  return file;
}

PtBlockFile *
pt_block_store_open_file (PtBlockStore *store, const PtCid *cid, GError **error)
{
  g_autoptr (PtBlockFile) file = NULL;

  g_return_val_if_fail (store != NULL && cid != NULL, NULL);

  file = file_new (store, cid);
  return load_root (file, error) ? g_steal_pointer (&file) : NULL;
}

PtBlockFile *
pt_block_store_open_peek (PtBlockStore *store, const PtCid *cid, GError **error)
{
  g_autoptr (PtBlockFile) file = NULL;
  gboolean opened;

  g_return_val_if_fail (store != NULL && cid != NULL, NULL);

  file = file_new (store, cid);
  opened = pt_cid_codec (cid) == PT_CODEC_RAW ? pt_block_store_size (store, cid, &file->size, error)
                                              : load_root (file, error);
  return opened ? g_steal_pointer (&file) : NULL;
}

void
pt_block_file_free (PtBlockFile *file)
{
  if (file == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (file->nodes); i++)
    g_clear_pointer (&file->nodes[i].links, g_array_unref);
  g_clear_pointer (&file->leaf, g_bytes_unref);
  pt_block_store_unref (file->store);
  g_free (file);
}

guint64
pt_block_file_size (const PtBlockFile *file)
{
  g_return_val_if_fail (file != NULL, 0);
  return file->size;
}

/* The child that holds *@offset; *@offset becomes the one within it. NULL: beyond the end. */
static const PtUnixfsLink *
find_child (const Node *node, guint64 *offset)
{
  for (guint i = 0; i < node->links->len; i++)
    {
      const PtUnixfsLink *link = &g_array_index (node->links, PtUnixfsLink, i);

      if (*offset < link->file_size)
        return link;
      *offset -= link->file_size;
    }
  return NULL;
}

/* The leaf that holds *@offset; *@offset becomes the one within it. */
static gboolean
find_leaf (PtBlockFile *file, guint64 *offset, PtUnixfsLink *leaf, GError **error)
{
  PtUnixfsLink link = { .cid = file->root, .file_size = file->size };

  for (guint depth = 0; depth < PT_UNIXFS_LEVELS; depth++)
    {
      const PtUnixfsLink *child;

      if (pt_cid_codec (&link.cid) == PT_CODEC_RAW)
        break;
      if (!load_node (file, depth, &link.cid, link.file_size, error))
        return FALSE;
      child = find_child (&file->nodes[depth], offset);
      if (child == NULL)
        return wrong_size (error);
      link = *child;
    }
  *leaf = link;
  if (pt_cid_codec (&link.cid) == PT_CODEC_RAW)
    return TRUE;
  g_set_error_literal (error, PT_ERROR, PT_ERROR_OPERATOR, "The file's tree is too deep.");
  return FALSE;
}

GBytes *
pt_block_file_read (PtBlockFile *file, guint64 offset, gsize size, GError **error)
{
  PtUnixfsLink leaf;
  gsize available;

  g_return_val_if_fail (file != NULL, NULL);
  if (offset >= file->size || size == 0)
    return g_bytes_new (NULL, 0);
  if (!find_leaf (file, &offset, &leaf, error)
      || !load_leaf (file, &leaf.cid, leaf.file_size, error))
    return NULL;
  available = g_bytes_get_size (file->leaf) - (gsize) offset;
  return g_bytes_new_from_bytes (file->leaf, (gsize) offset, MIN (size, available));
}

GBytes *
pt_block_file_peek (PtBlockFile *file, guint64 offset, gsize size, GError **error)
{
  PtUnixfsLink leaf;

  g_return_val_if_fail (file != NULL, NULL);

  if (offset >= file->size || size == 0)
    return g_bytes_new (NULL, 0);
  if (!find_leaf (file, &offset, &leaf, error))
    return NULL;
  return pt_block_store_read_part (file->store, &leaf.cid, offset,
                                   (gsize) MIN (size, leaf.file_size - offset), error);
}

/* Walks */

struct _PtBlockWalk
{
  PtBlockStore *store;
  GArray *stack; /* PtUnixfsLink that are still to come, the next one last */
};

PtBlockWalk *
pt_block_store_walk (PtBlockStore *store, const PtCid *cid)
{
  PtBlockWalk *walk;
  PtUnixfsLink root;

  g_return_val_if_fail (store != NULL && cid != NULL, NULL);
  walk = g_new0 (PtBlockWalk, 1);
  root = (PtUnixfsLink){ .cid = *cid };
  walk->store = pt_block_store_ref (store);
  walk->stack = g_array_new (FALSE, FALSE, sizeof (PtUnixfsLink));
  g_array_append_val (walk->stack, root);
  return walk;
}

void
pt_block_walk_free (PtBlockWalk *walk)
{
  if (walk == NULL)
    return;
  g_array_unref (walk->stack);
  pt_block_store_unref (walk->store);
  g_free (walk);
}

static void
push_children (GArray *stack, GArray *links)
{
  for (guint i = links->len; i > 0; i--)
    g_array_append_val (stack, g_array_index (links, PtUnixfsLink, i - 1));
}

gboolean
pt_block_walk_next (PtBlockWalk *walk, PtCid *cid, GBytes **block, GError **error)
{
  g_autoptr (GBytes) read = NULL;

  g_return_val_if_fail (walk != NULL && cid != NULL && block != NULL, FALSE);
  *block = NULL;
  if (walk->stack->len == 0)
    return TRUE;
  *cid = g_array_index (walk->stack, PtUnixfsLink, walk->stack->len - 1).cid;
  g_array_set_size (walk->stack, walk->stack->len - 1);
  read = pt_block_store_read (walk->store, cid, error);
  if (read == NULL)
    return FALSE;
  if (pt_cid_codec (cid) == PT_CODEC_DAG_PB)
    {
      guint64 size;
      g_autoptr (GArray) links = parse_node (read, &size, error);

      if (links == NULL)
        return FALSE;
      push_children (walk->stack, links);
    }
  *block = g_steal_pointer (&read);
  return TRUE;
}

/* Checks one block of the tree and adds its children to @stack. @size 0: of the root, unknown. */
static gboolean
check_block (PtBlockStore *store, const PtUnixfsLink *link, GArray *stack, guint64 *size,
             GError **error)
{
  g_autoptr (GArray) links = NULL;

  if (pt_cid_codec (&link->cid) == PT_CODEC_RAW)
    return pt_block_store_size (store, &link->cid, size, error);
  links = read_node (store, &link->cid, size, error);
  if (links == NULL)
    return FALSE;
  push_children (stack, links);
  return TRUE;
}

gboolean
pt_block_store_check (PtBlockStore *store, const PtCid *cid, guint64 *bytes, GError **error)
{
  g_autoptr (GArray) stack = NULL;
  PtUnixfsLink root;

  g_return_val_if_fail (store != NULL && cid != NULL && bytes != NULL, FALSE);
  stack = g_array_new (FALSE, FALSE, sizeof (PtUnixfsLink));
  root = (PtUnixfsLink){ .cid = *cid };
  *bytes = 0;
  if (!check_block (store, &root, stack, bytes, error))
    return FALSE;
  while (stack->len > 0)
    {
      PtUnixfsLink link = g_array_index (stack, PtUnixfsLink, stack->len - 1);
      guint64 size = 0;

      g_array_set_size (stack, stack->len - 1);
      if (!check_block (store, &link, stack, &size, error))
        return FALSE;
      if (size != link.file_size)
        return wrong_size (error);
    }
  return TRUE;
}
