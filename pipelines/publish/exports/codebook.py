"""Code lists and longer notes of exported columns, in both languages. Columns not named here say all in their contract."""

from collections.abc import Mapping

Words = Mapping[str, str]

SOURCE_NOTE: Words = {"zh": "该值取自哪个来源；空 = 没有值", "en": "Source that the value was taken from; null = no value"}

VALUES: Mapping[str, Mapping[str, Words]] = {
    "sex": {"M": {"zh": "男", "en": "male"}, "F": {"zh": "女", "en": "female"}},
    "birth_precision": {"day": {"zh": "到日", "en": "day"}, "month": {"zh": "到月", "en": "month"}, "year": {"zh": "到年", "en": "year"}},
}

NOTES: Mapping[str, Words] = {
    "person_id": {
        "zh": "跨夜不变；人员合并后，旧标识在 person_history 中永远指向接续者，不再使用",
        "en": "Lasts over nights; after a merge the old id resolves for ever through person_history and is never used again",
    },
    "name": {"zh": "按来源优先次序取最佳值", "en": "Best value by the order of sources"},
    "name_source": SOURCE_NOTE,
    "sex": {"zh": "按来源优先次序取最佳值；空 = 无来源给出", "en": "Best value by the order of sources; null = no source says"},
    "sex_source": SOURCE_NOTE,
    "birth_date": {
        "zh": "按来源优先次序取最佳值；只知年或月时取该期首日，见 birth_precision",
        "en": "Best value by the order of sources; the first day of the period when only year or month is known, see birth_precision",
    },
    "birth_precision": {"zh": "出生日期的精度", "en": "How exactly the birth date is known"},
    "birth_date_source": SOURCE_NOTE,
    "id_number": {"zh": "有效的公民身份号码", "en": "Valid identity number"},
    "id_number_source": SOURCE_NOTE,
    "division": {"zh": "户籍地行政区划代码（六位，GB/T 2260 形式）", "en": "Six-digit division of registration, in the form of GB/T 2260"},
    "division_source": SOURCE_NOTE,
    "address": {"zh": "按来源优先次序取最佳值", "en": "Best value by the order of sources"},
    "address_source": SOURCE_NOTE,
    "death_date": {"zh": "最佳死亡日期；空 = 没有死亡记录", "en": "Best death date; null = no record of a death"},
    "death_date_source": SOURCE_NOTE,
    "mother_person_id": {"zh": "母亲的人员标识；空 = 不详", "en": "Person id of the mother; null = not known"},
    "father_person_id": {"zh": "父亲的人员标识；空 = 不详", "en": "Person id of the father; null = not known"},
    "live_entries": {
        "zh": "有效户口登记数：0 = 无户口，2 以上 = 重复登记",
        "en": "Live entries of the household register: 0 = none, 2 or more = registered twice",
    },
    "n_records": {"zh": "归于此人的记录数（按来源、记录、角色计）", "en": "Records (source, key, role) that speak of the person"},
    "n_sources": {"zh": "有此人记录的来源数", "en": "Sources that hold a record of the person"},
    "sources": {"zh": "有此人记录的来源，以 | 分隔", "en": "Those sources, joined by |"},
    "weakest_link": {
        "zh": "把这些记录连为一人的连接中最低的概率；1 = 只有一条记录或全部确定",
        "en": "Least probability among the links that hold these records together; 1 = one record, or all certain",
    },
}
