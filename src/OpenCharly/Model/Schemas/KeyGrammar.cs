namespace OpenCharly.Model.Schemas;

/// <summary>
/// The notation in which this program writes down what a mapping may hold:
/// <code>
/// name           a value             name(a|b)    one of these       name:bool name:int   a truth value, a whole number
/// name{...}      a mapping           name[]{...}  a list of them     name[]               a list of values
/// name!          it must be there    name*        anything           name:task            what is called so elsewhere
/// name/old       two names of it     name:a|b     either             name&lt;&gt;               any names, each with such a value
/// ...            keys beside these   name "text"  what it is for
/// </code>
/// A single value stands for a list of one.
/// </summary>
internal sealed class KeyGrammar
{
    private readonly string _text;
    private int _at;

    private KeyGrammar(string text) => _text = text;

    /// <summary>Reads the keys of one mapping.</summary>
    /// <param name="text">The keys in the notation.</param>
    /// <exception cref="FormatException">It is not in the notation.</exception>
    public static KeyShape Parse(string text)
    {
        var grammar = new KeyGrammar(text);
        var shape = grammar.All();
        return grammar._at == text.Length ? shape : throw grammar.Malformed("a key");
    }

    private KeyShape All()
    {
        var keys = new List<SchemaKey>();
        var isOpen = false;
        for (SkipBlanks(); _at < _text.Length && _text[_at] != '}'; SkipBlanks())
        {
            if (Take("...")) isOpen = true;
            else keys.Add(One());
        }

        return new KeyShape(keys, isOpen);
    }

    private SchemaKey One()
    {
        var name = Word();
        if (name.Length == 0) throw Malformed("a key");
        var aliases = new List<string>();
        while (Take("/")) aliases.Add(Word());
        var isRequired = Take("!");
        var isList = Take("[]");
        var isMap = Take("<>");
        var kinds = new List<string>();
        if (Take(":"))
        {
            do kinds.Add(Word());
            while (Take("|"));
        }

        var choices = new List<string>();
        if (Take("("))
        {
            do choices.Add(Word());
            while (Take("|"));
            if (!Take(")")) throw Malformed(")");
        }

        isList |= Take("[]");
        isMap |= Take("<>");
        var isAnything = Take("*");
        KeyShape? inner = null;
        if (Take("{"))
        {
            inner = All();
            if (!Take("}")) throw Malformed("}");
        }

        return new SchemaKey(name, aliases, isRequired, isList, isMap, isAnything, kinds, choices, inner, Description());
    }

    private string? Description()
    {
        var before = _at;
        SkipBlanks();
        if (!Take("\""))
        {
            _at = before;
            return null;
        }

        var start = _at;
        var end = _text.IndexOf('"', start);
        if (end < 0) throw Malformed("\"");
        _at = end + 1;
        return _text[start..end];
    }

    private string Word()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-' or '+' || (_text[_at] == '.' && !_text.AsSpan(_at).StartsWith("...", StringComparison.Ordinal)))) _at++;
        return _text[start.._at];
    }

    private bool Take(string mark)
    {
        if (!_text.AsSpan(_at).StartsWith(mark, StringComparison.Ordinal)) return false;
        _at += mark.Length;
        return true;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
    }

    private FormatException Malformed(string expected) => new($"{expected} expected at {_at}: {_text[_at..Math.Min(_at + 40, _text.Length)]}");
}
