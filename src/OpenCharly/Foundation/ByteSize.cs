using System.Globalization;

namespace OpenCharly.Foundation;

/// <summary>A size in bytes, written as an integer with an optional 1024-based unit.</summary>
/// <param name="Bytes">Number of bytes, above zero.</param>
public readonly record struct ByteSize(long Bytes)
{
    private const string Units = "BKMGT";

    /// <summary>The size in MiB, rounded up.</summary>
    public long MiB => (Bytes + (1 << 20) - 1) >> 20;

    /// <summary>
    /// Reads <c>4G</c>, <c>512 MiB</c>, <c>20gb</c>; all units are 1024-based and in any case (vm.md §1).
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="defaultUnit">Unit of a bare number: <c>M</c> for memory, <c>B</c> for disks.</param>
    /// <param name="size">The size.</param>
    /// <returns>False for zero, negative, decimal, too large or unreadable text.</returns>
    public static bool TryParse(string? text, char defaultUnit, out ByteSize size)
    {
        size = default;
        var trimmed = (text ?? "").Trim();
        var digits = trimmed.TakeWhile(char.IsAsciiDigit).Count();
        if (digits == 0 || !long.TryParse(trimmed[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
        {
            return false;
        }

        var unit = trimmed[digits..].Trim().ToUpperInvariant();
        unit = unit switch
        {
            "" => defaultUnit.ToString(),
            [not 'B', 'B'] or [not 'B', 'I', 'B'] => unit[..1],
            _ => unit,
        };
        var power = unit.Length == 1 ? Units.IndexOf(unit[0], StringComparison.Ordinal) : -1;
        if (power < 0 || number > long.MaxValue >> (10 * power)) return false;
        size = new ByteSize(number << (10 * power));
        return true;
    }

    /// <summary>The normal form: the largest unit that divides the size, such as <c>20G</c>.</summary>
    public override string ToString()
    {
        var power = 0;
        var number = Bytes;
        while (power < Units.Length - 1 && number != 0 && number % 1024 == 0)
        {
            number /= 1024;
            power++;
        }

        return power == 0 ? number.ToString(CultureInfo.InvariantCulture) : $"{number}{Units[power]}";
    }

    /// <summary>For people: three significant digits and a unit, such as <c>217 MB</c>.</summary>
    public string ToHuman()
    {
        double number = Bytes;
        var power = 0;
        while (power < Units.Length - 1 && number >= 1024)
        {
            number /= 1024;
            power++;
        }

        return power == 0 ? $"{number:0} B" : $"{number.ToString(number < 10 ? "0.0" : "0", CultureInfo.InvariantCulture)} {Units[power]}B";
    }
}
