# SPDX-License-Identifier: Apache-2.0
"""`powertrack profile check`: however it is laid out, and each thing that can't be meant with where it stands."""
import copy
import json
import os
import tempfile
import unittest

from support import powertrack, vector

DOCUMENTS = [json.loads(row['entry'])['document'] for row in vector('v2/entries.json')['entries'] if json.loads(row['entry'])['kind'] == 'profile']


class Check(unittest.TestCase):
    def check(self, value):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'profile.json')
            with open(path, 'wb') as file:
                file.write(value if isinstance(value, bytes) else json.dumps(value, indent=2, ensure_ascii=False).encode())
            status, out, err = powertrack('profile', 'check', '--json', path)
            self.text = powertrack('profile', 'check', path)
        self.assertEqual(err, '')
        return status, json.loads(out)

    def test_vectors_in_another_layout(self):
        for document in DOCUMENTS:
            value = json.loads(document)
            status, answer = self.check(dict(reversed(value.items())))
            self.assertEqual(answer['document'], document)
            self.assertEqual(status, 1 if answer['problems'] else 0)
            self.assertEqual({row['kind'] for row in answer['problems']} - {'contradiction'}, set(), answer)

    def assert_wrong(self, change, kind, where, words):
        value = copy.deepcopy(json.loads(DOCUMENTS[0]))
        change(value)
        status, answer = self.check(value)
        self.assertEqual(status, 1, answer)
        self.assertEqual(answer['document'] is None, kind == 'form', answer)
        found = [(row['kind'], row['where']) for row in answer['problems'] if words in row['what']]
        self.assertIn((kind, where), found, answer['problems'])
        self.assertIn(words, self.text[2])

    def test_form(self):
        def put(name, value, at=None):
            def change(profile):
                (profile if at is None else profile[at][0])[name] = value
            return change

        for change, where, words in (
                (put('held_min', -1), 'held_min', 'from 0'), (put('held_min', 1.5), 'held_min', 'whole number'),
                (put('held_min', 'x'), 'held_min', 'whole number'), (put('more', 1), '', '"more" belongs to no profile'),
                (lambda profile: profile.pop('held_min'), '', '"held_min" is missing'), (put('format', 'x'), 'format', 'powertrack-profile-1'),
                (put('utc_offset_min', 1441), 'utc_offset_min', 'from -1440 to 1440'), (put('two_person', ['revoke', 'reject']), 'two_person', 'order'),
                (put('two_person', ['reject', 'reject']), 'two_person', 'once'), (put('categories', []), 'categories', 'there is none'),
                (put('categories', {}), 'categories', 'array'), (put('major_event_days', 'x'), 'major_event_days', 'ieee-1366-beta'),
                (put('evidence', 'x', 'categories'), 'categories[1].evidence', 'power'), (put('id', '?', 'categories'), 'categories[1]', 'id'),
                (put('title', {'hi': 'x'}, 'categories'), 'categories[1].title', '"en" is missing'),
                (put('title', {'en': ''}, 'categories'), 'categories[1].title.en', 'empty'),
                (put('title', {'en': 'x', 'english': 'x'}, 'categories'), 'categories[1].title.english', 'language'),
                (lambda profile: profile['categories'].append(copy.deepcopy(profile['categories'][0])),
                 f"categories[{len(json.loads(DOCUMENTS[0])['categories']) + 1}]", 'category above')):
            with self.subTest(words, where=where):
                self.assert_wrong(change, 'form', where, words)

    def owe(self, **changes):
        row = {'after_min': 60, 'category': json.loads(DOCUMENTS[0])['categories'][0]['id'], 'currency': 'INR', 'each_min': 60, 'minor': 5000, 'times': 2}
        return {**row, **changes}

    def test_compensation(self):
        for row, words in ((self.owe(category='nothing'), 'no category'), (self.owe(currency='inr'), 'ISO 4217')):
            self.assert_wrong(lambda profile, row=row: profile.update(compensation=[row]), 'form', 'compensation[1]', words)
        self.assert_wrong(lambda profile: profile.update(compensation=[self.owe(each_min=0)]), 'form', 'compensation[1].each_min', 'from 1')
        self.assert_wrong(lambda profile: profile.update(compensation=[self.owe(minor=0)]), 'contradiction', 'compensation[1]', 'owes nothing')
        self.assert_wrong(lambda profile: profile.update(compensation=[self.owe(), self.owe()]), 'contradiction', 'compensation[2]', 'row above')

    def test_contradictions(self):
        def late(profile):
            profile['categories'][0].update(acknowledge_min=300, resolve_min=240)

        def same(profile):
            profile['categories'].append({**copy.deepcopy(profile['categories'][0]), 'id': 'another'})

        self.assert_wrong(late, 'contradiction', 'categories[1]', 'within 300 minutes')
        self.assert_wrong(same, 'contradiction', f"categories[{len(json.loads(DOCUMENTS[0])['categories']) + 1}]", 'title')

    def test_no_json(self):
        for data, words in ((b'', 'empty'), (b'\xff', 'UTF-8'), (b'{', 'no JSON'), (b'[]', 'object'), (b'{"a":1,"a":2}', 'line 1: "a" is there twice')):
            status, answer = self.check(data)
            self.assertEqual((status, answer['document']), (1, None))
            self.assertTrue(any(words in row['what'] for row in answer['problems']), answer)

    def test_for_people(self):
        self.check(DOCUMENTS[0].encode())
        status, out, err = self.text
        self.assertIn(json.loads(DOCUMENTS[0])['categories'][0]['id'], out)
        self.assertIn('nothing contradicts' if status == 0 else 'contradicts itself', out + err)


if __name__ == '__main__':
    unittest.main()
