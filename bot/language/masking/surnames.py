"""Family names: nearly four hundred of one character, which nearly everybody has, and those of two characters."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Rare ones that are ordinary words first (不, 是, 在, 有) are left out.
SINGLE = frozenset(
    ""
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    ""
    "石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄"
    ""
    "聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解"
    ""
    "牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师栾隋商刁沙荣巫寇桑郎甄丛"
    ""
    "仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满厉伊仝区郜海阚花权强帅屠朴练廉禹井祖"
    "漆巴丰支卿狄平宣晋云容敬扈晁芮普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况宿鲜印逯隆茹战慕危玉银亢嵇湛宾戎勾"
    "茅利於呼居尉冶斯元束檀衣展阴昝智幸奉植衡富尧"
)
# Family names that are seldom other words: a name with one is recognised without a leading word.
COMMON = frozenset(
    ""
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁沈姚卢姜崔钟谭陆汪范金石廖贾夏"
    ""
    "韦傅邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵钱严覃武戴莫孔汤施樊葛邢齐乔庞颜倪聂鲁岳翟殷詹欧耿焦俞柳祝阮柯童裴霍翁骆"
    "靳柴鲍祁蒲滕饶牟穆芦褚娄窦戚岑晏瞿佟臧闵邬"
)
COMPOUND = _words(
    """
    欧阳 司马 上官 诸葛 皇甫 尉迟 公孙 慕容 司徒 令狐 夏侯 东方 南宫 长孙 宇文 轩辕 端木 独孤 百里 呼延 西门
    申屠 太史 公羊 澹台 濮阳 淳于 单于 赫连 钟离 闾丘 拓跋 完颜 纳兰 叶赫 爱新 东郭 鲜于 万俟
    """
)
# Characters that names of other peoples are written with. At least three in five characters of such a name are these.
TRANSLITERATED = frozenset(
    ""
    "阿不都艾爱安奥巴拜伯布达丹道德地迪东杜多尔法菲凤夫嘎格古哈海汗罕赫黑胡吉加江金卡凯康科克库拉兰朗勒雷里力丽利莲林琳鲁露罗洛玛买麦曼"
    ""
    "美蒙孟米勉明莫姆木娜纳南妮尼努诺帕佩皮普奇恰卿琼曲热仁日萨赛桑沙山什斯苏索塔台坦特提图土吐托娃瓦万旺维温乌西希霞夏肖辛雅亚"
    "扬耶依伊衣尤玉约扎泽孜扎则宗珠卓次央措顿珍合孙迈穆肉苦逊甫买"
)
# Words that jieba's dictionary takes for names, but that people here seldom use as names.
NO_NAMES = _words(
    """
    谢谢 多谢 谢意 许可 许可证 银行卡 申请人 高新区 宣传部 高中生 农家乐 安全感 智能化 黄金周 高三 高清 高招
    高强 高通 高薪 古老 权威 师傅 顾问 师范 康复 向东 祖宗 白领 文明 明白 齐全 顾客 周转 安抚 关怀 温泉 乌云
    蓝天 安静 阳光 陆军 卫星 荣誉 明星 华为 高峰 祝福 祝贺 祖母 岳父 岳母 孙子 孙女 师母 石家庄 张家口 张家界
    连云港 景德镇 秦皇岛 莫斯科 边远 党纲 惠民 安危 查明 查清 廉政 施政 宁可 都江 张贴 陈述 陈旧 陈列 林木 麻醉
    钱财 柴油 莫名 全家福 阳性 阴性 马嘴 龙凤胎 龙凤 祖籍 安民 农忙 付清 包银 常客 童工 武装
    """
)
# Words whose first character could be mistaken for the last one of a name before them.
WORDS_AFTER = _words(
    """
    公司 小区 人员 家庭 家住 家在 家里 老师 学生 中学 小学 大学 医院 文件 中心 社区 建设 生活 单位 工作 电话
    手机 身份 户口 今年 今天 明天 明年 年龄 老家 男士 女士 先生 小姐 同志 同学 师傅 汉族 生于 出生 现在 现住
    来自 和我 和他 大概 一直 一家 已经 因为 所以 是否 金额 本人 小孩 孩子 儿子 女儿 上学 上班 上海 北京 成都
    平时
    """
)
