param([Parameter(Mandatory)] [string] $Module)

Describe 'Records of machines' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $folder = [System.IO.Directory]::CreateTempSubdirectory('charly-pester-').FullName
        $old = Use-TestHome (New-TestHome (Join-Path $folder 'home'))
        $project = Join-Path $folder 'project'
        New-TestProject $project
        New-TestDisk $project web, db
        Push-Location $project
        $null = 'web', 'db' | New-CharlyVm
    }

    AfterAll {
        Pop-Location
        Reset-TestHome $old
        Remove-Item $folder -Recurse -Force
    }

    It 'are exported, all or by pipeline, and nothing is written with -WhatIf' {
        Export-CharlyVmState -Path all.json -WhatIf
        'all.json' | Should -Not -Exist
        Export-CharlyVmState -Path all.json | Should -BeNullOrEmpty
        (Get-Content all.json -Raw | ConvertFrom-Json).name | Should -Be 'charly-db', 'charly-web'
        $states = Get-CharlyVm web | Export-CharlyVmState -Path web.json -PassThru
        $states | Should -BeOfType OpenCharly.Vms.VmDeployState
        $states.Key | Should -Be 'vm:web'
        Export-CharlyVmState -Path web.json -NoClobber -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'file.exists*'
    }

    It 'are imported where they are not known, and else refused' {
        Import-CharlyVmState web.json -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'vm.name_exists*'
        Remove-CharlyVm web -Confirm:$false
        Import-CharlyVmState web.json -WhatIf | Should -BeNullOrEmpty
        Get-CharlyVm w* | Should -BeNullOrEmpty
        (Import-CharlyVmState web.json).Key | Should -Be 'vm:web'
        (Get-CharlyVm).Name | Sort-Object | Should -Be 'db', 'web'
        (Import-CharlyVmState all.json -Force).Key | Should -Be 'vm:db', 'vm:web'
    }
}
