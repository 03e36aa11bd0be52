param([Parameter(Mandatory)] [string] $Module)

Describe 'Settings and secrets' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $folders = New-TestHome (Join-Path $TestDrive 'home')
        # No keyring: the private file keeps the secrets.
        $folders.CHARLY_SECRET_BACKEND = 'config'
        $old = Use-TestHome $folders
    }

    AfterAll { Reset-TestHome $old }

    It 'are objects with key, value and source' {
        Get-CharlySetting engine.run | ForEach-Object { "$($_.Key) $($_.Value) $($_.Source)" } | Should -Be 'engine.run auto Default'
        (Get-CharlySetting 'engine.*').Key | Should -Be 'engine.build', 'engine.run', 'engine.rootful'
        (Get-CharlySetting secret_backend).Source | Should -Be 'Env'
    }

    It 'are written, and reset, from the pipeline as well' {
        (Set-CharlySetting engine.run podman -PassThru).Source | Should -Be 'File'
        Get-CharlySetting engine.run | Set-CharlySetting -Value docker
        (Get-CharlySetting engine.run).Value | Should -Be 'docker'
        Set-CharlySetting engine.run podman -WhatIf
        (Get-CharlySetting engine.run).Value | Should -Be 'docker'
        Set-CharlySetting engine.run -Reset
        (Get-CharlySetting engine.run).Source | Should -Be 'Default'
    }

    It 'refuse what can not be' {
        Set-CharlySetting engine.run rkt -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'setting.invalid,*'
        Get-CharlySetting enigne.run -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'setting.unknown,*'
        $problem[0].ErrorDetails.RecommendedAction | Should -Be 'Did you mean "engine.run"?'
    }

    It 'keep a secret, and show its value only when asked' {
        $value = [System.Security.SecureString]::new()
        'canary'.ToCharArray() | ForEach-Object { $value.AppendChar($_) }
        (Set-CharlySecret charly/secret/TOKEN $value -PassThru).Source | Should -Be 'Config'
        Get-CharlySecret | Out-String | Should -Not -Match 'canary'
        Get-CharlySecret charly/secret/TOKEN -AsPlainText | Should -BeExactly 'canary'
        (Get-CharlySecret charly/secret/TOKEN -AsSecureString).Length | Should -Be 6
        Set-CharlySecret charly/secret/TOKEN -Generate
        Get-CharlySecret charly/secret/TOKEN -AsPlainText | Should -Match '^[0-9a-f]{32}$'
    }

    It 'live in a file that GnuPG encrypts as well' -Skip:(-not (Get-Command gpg -ErrorAction Ignore)) {
        $env:GNUPGHOME = (New-Item -ItemType Directory "/tmp/charly-pester-$PID").FullName
        try {
            chmod 700 $env:GNUPGHOME
            $file = Join-Path $TestDrive '.secrets'
            Test-CharlyGpg $file -Quiet | Should -BeFalse
            Initialize-CharlyGpg 'ada <ada@example.org>' -NoPassphrase -WhatIf | Should -BeNullOrEmpty
            $made = Initialize-CharlyGpg 'ada <ada@example.org>' -NoPassphrase
            $made.IsNew | Should -BeTrue
            (Initialize-CharlyGpg).Key.Fingerprint | Should -Be $made.Key.Fingerprint
            Test-CharlyGpg $file -Quiet | Should -BeTrue
            $made.Key | Export-CharlyGpgKey | Should -Match '^-----BEGIN PGP PUBLIC KEY BLOCK-----'
            $key = Join-Path $TestDrive 'ada.asc'
            Export-CharlyGpgKey -Path $key
            (Import-CharlyGpgKey $key).UserId | Should -Be 'ada <ada@example.org>'
            Import-CharlyGpgKey $PSCommandPath -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'secret.file,*'
            $value = [System.Security.SecureString]::new()
            'canary'.ToCharArray() | ForEach-Object { $value.AppendChar($_) }
            Set-CharlySecret TOKEN $value -Path $file -WhatIf
            Test-Path $file | Should -BeFalse
            (Set-CharlySecret TOKEN $value -Path $file -PassThru).Name | Should -Be 'TOKEN'
            Get-Content $file | Should -Not -Match 'canary'
            Get-CharlySecret -Path $file | Out-String | Should -Not -Match 'canary'
            Get-CharlySecret T* -Path $file -AsPlainText | Should -BeExactly 'canary'
            Get-CharlySecret -Path $file | Remove-CharlySecret -Confirm:$false
            Get-CharlySecret -Path $file | Should -BeNullOrEmpty
        }
        finally {
            gpgconf --kill all
            Remove-Item -Recurse -Force $env:GNUPGHOME
            Remove-Item Env:GNUPGHOME
        }
    }

    It 'complete keys and names' {
        (Get-Completion 'Get-CharlySetting bind').CompletionText | Should -Be 'bind_address'
        (Get-Completion 'Remove-CharlySecret ').CompletionText | Should -Be 'charly/secret/TOKEN'
    }

    It 'remove a secret, and say when there is none' {
        Get-CharlySecret charly/secret/* | Remove-CharlySecret -WhatIf
        Get-CharlySecret charly/secret/* | Remove-CharlySecret -Confirm:$false
        Get-CharlySecret | Should -BeNullOrEmpty
        Get-CharlySecret charly/secret/TOKEN -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'secret.not_found,*'
    }
}
